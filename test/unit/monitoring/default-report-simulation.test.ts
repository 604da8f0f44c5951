import type { Column } from '../../../src/columns';
import { analyseDrift } from '../../../src/services/monitoring/drift-analysis.policy';
import { DEFAULT_MONITORING_RULES } from '../../../src/services/monitoring/monitoring-policy.service';
import { countBins, SeededRandom } from '../../../src/services/statistics';
import { buildReferenceProfile } from '../../../src/services/training/reference-profile';

const FEATURES = 20;
const REFERENCE_ROWS = 2000;
const WINDOWS = 80;

/** Twenty features of four kinds: normal, skewed, 0/1, categories with a long tail and nulls. The first decides the outcome. */
function drawFeature(random: SeededRandom, feature: number, rows: number, shift: number): Column {
  const name = `feature ${feature}`;
  const numbers = (next: () => number): Column => ({
    name,
    kind: 'NUMERIC',
    values: Float64Array.from({ length: rows }, next),
  });
  switch (feature % 4) {
    case 0:
      return numbers(() => random.normal() + shift);
    case 1:
      return numbers(() => Math.exp(random.normal()));
    case 2:
      return numbers(() => Number(random.uniform() < 0.27));
    default: {
      const values = Array.from({ length: rows }, () => {
        const level = Math.floor(12 * random.uniform() ** 3);
        return level === 7 ? null : `level ${level}`;
      });
      return { name, kind: 'CATEGORICAL', values };
    }
  }
}

function world(seed: string, rows: number, shift = 0) {
  const random = new SeededRandom(seed);
  const columns = Array.from({ length: FEATURES }, (_, feature) => drawFeature(random, feature, rows, shift));
  const first = columns[0].values as Float64Array;
  const probabilities = first.map((x) => 1 / (1 + Math.exp(1 - 1.5 * x)));
  return {
    rowCount: rows,
    columns,
    probabilities,
    labels: Array.from(probabilities, (probability) => Number(random.uniform() < probability)),
    ids: Array.from(probabilities, (_, row) => `${seed}/${row}`),
  };
}

function verdictsOf(rows: number, run: number, shift = 0) {
  const reference = world(`reference ${rows} ${run}`, REFERENCE_ROWS);
  const profile = buildReferenceProfile(reference, reference.probabilities, reference.labels, reference.ids);
  const { columns, ...labelled } = world(`current ${rows} ${run}`, rows, shift);
  const prediction: Column = { name: 'probability', kind: 'NUMERIC', values: labelled.probabilities };
  const window = {
    rowCount: rows,
    features: profile.features.map(({ bins }, index) => countBins(bins, columns[index])),
    prediction: countBins(profile.prediction.bins, prediction),
    labelled,
  };
  const { verdict, result } = analyseDrift(profile, window, DEFAULT_MONITORING_RULES, 0.5);
  return { report: verdict, concept: result.concept.verdict, inputs: result.inputQuality };
}

describe('the default report over twenty features, every outcome known', () => {
  // Over 150 to 250 windows: .04 of 1,000 rows, .06 of 400 (.10 before the three kinds of tests shared one level), .02 of 200.
  it('alarms by chance in at most .06 of its windows, large and small together, and in none of these sizes more than chance allows', () => {
    const rates = [1000, 400, 200].map((rows) => {
      const runs = Array.from({ length: WINDOWS }, (_, run) => verdictsOf(rows, run));
      const rate = (isAlarm: (run: (typeof runs)[number]) => boolean) => runs.filter(isAlarm).length / WINDOWS;
      return { report: rate(({ report }) => report === 'DRIFT'), inputs: rate(({ inputs }) => inputs === 'DEGRADED') };
    });
    const standardError = Math.sqrt((0.05 * 0.95) / WINDOWS);
    for (const kind of ['report', 'inputs'] as const) {
      const found = rates.map((rate) => rate[kind]);
      expect(found.reduce((sum, rate) => sum + rate, 0) / found.length).toBeLessThanOrEqual(0.06);
      expect(Math.max(...found)).toBeLessThanOrEqual(0.05 + 3 * standardError);
    }
  });

  it('finds a shift of the features in every window, and takes it for no change of the concept', () => {
    const runs = Array.from({ length: 20 }, (_, run) => verdictsOf(1000, run, 1));
    expect(runs.every(({ report }) => report === 'DRIFT')).toBe(true);
    expect(runs.filter(({ concept }) => concept === 'DRIFT').length).toBeLessThanOrEqual(2);
  });
});
