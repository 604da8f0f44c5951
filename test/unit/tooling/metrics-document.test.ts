import fs from 'node:fs';
import path from 'node:path';
import { DRIFT_LIMITS } from '../../../src/server/drift-gauges';
import { Metrics } from '../../../src/server/metrics';
import { MAX_MODELS_WITH_ERRORS, MAX_PREDICTING_VERSIONS } from '../../../src/server/prediction-metrics';
import { addScrapedMetrics } from '../../../src/server/scraped-metrics';
import { inlineCode, section, tableRows } from '../../support/markdown';

const DOCUMENT = fs.readFileSync(path.resolve(__dirname, '../../../docs/operations-metrics.md'), 'utf8');

/** Name, type and labels of every metric of a server. */
function actual(): string[][] {
  const { registry } = new Metrics();
  const refuse = () => Promise.reject(new Error('not asked'));
  addScrapedMetrics(registry, { jobs: refuse, relay: refuse, alerts: refuse, drift: refuse, serving: refuse });
  const metrics = registry.getMetricsAsArray() as unknown as { name: string; type: string; labelNames?: string[] }[];
  // A histogram's own `le` is not a label of ours.
  return metrics.map(({ name, type, labelNames = [] }) => [name, type, labelNames.filter((l) => l !== 'le').join(' ')]);
}

const documented = (heading: string): string[][] =>
  tableRows(section(DOCUMENT, heading)).map(([name, type, labels]) => [
    ...inlineCode(name),
    type,
    inlineCode(labels).join(' '),
  ]);

const sorted = (rows: string[][]): string[][] => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
const isOurs = ([name]: string[]): boolean => name.startsWith('mooring_');

describe('the document of the metrics', () => {
  it('lists the metrics that a server has, with types and labels', () => {
    expect(sorted(documented('Metrics of Mooring'))).toEqual(sorted(actual().filter(isOurs)));
  });

  it('lists every metric of the process', () => {
    const known = documented('Metrics of the process').map((row) => row.join(' '));
    const missing = actual().filter((row) => !isOurs(row) && !known.includes(row.join(' ')));
    expect(missing).toEqual([]);
    expect(known).toHaveLength(new Set(known).size);
  });

  it('states the bounds that are in force', () => {
    const bounds = new Map(tableRows(section(DOCUMENT, 'Metrics of Mooring')).map((row) => [row[0], row[3]]));
    expect(bounds.get('`mooring_predictions_total`')).toBe('as above');
    expect(bounds.get('`mooring_prediction_duration_seconds`')).toMatch(`${MAX_PREDICTING_VERSIONS} versions`);
    expect(bounds.get('`mooring_prediction_errors_total`')).toMatch(`${MAX_MODELS_WITH_ERRORS} models`);
    expect(bounds.get('`mooring_drift_verdict`')).toMatch(`${DRIFT_LIMITS.versions} versions`);
    const features = `${DRIFT_LIMITS.features.toLocaleString('en')} features, ${DRIFT_LIMITS.featuresPerVersion} a version`;
    expect(bounds.get('`mooring_drift_feature_kl_divergence`')).toMatch(features);
  });

  it('has names of counters, times and sizes as Prometheus wants them', () => {
    const misnamed = actual()
      .filter(isOurs)
      .filter(
        ([name, type]) =>
          (type === 'counter') !== name.endsWith('_total') || (type === 'histogram' && !name.endsWith('_seconds')),
      );
    expect(misnamed).toEqual([]);
  });
});
