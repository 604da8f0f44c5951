import { LabelLimit } from '../../../src/server/label-limit';
import { Metrics } from '../../../src/server/metrics';
import {
  MAX_MODELS_WITH_ERRORS,
  MAX_PREDICTING_VERSIONS,
  VERSION_IDLE_MS,
} from '../../../src/server/prediction-metrics';

/** The series of one metric: labels to value. */
async function seriesOf(metrics: Metrics, name: string): Promise<{ labels: Record<string, unknown>; value: number }[]> {
  const metric = await metrics.registry.getSingleMetric(name)?.get();
  return (metric?.values ?? []).map(({ labels, value }) => ({ labels, value }));
}

const predict = (metrics: Metrics, model: string, version = 1, rowCount = 1) =>
  metrics.predicted({ model, version, variant: 'PRIMARY' }, 0.002, rowCount);

describe('the metrics of predictions', () => {
  it('count rows and time requests, by model, version and variant', async () => {
    const metrics = new Metrics();
    predict(metrics, 'churn', 3, 500);
    predict(metrics, 'churn', 3);
    metrics.predicted({ model: 'churn', version: 4, variant: null }, 0.3, 1);
    const primary = { model_name: 'churn', model_version: '3', variant: 'PRIMARY' };
    const outside = { model_name: 'churn', model_version: '4', variant: 'none' };
    expect(await seriesOf(metrics, 'mooring_predictions_total')).toEqual([
      { labels: primary, value: 501 },
      { labels: outside, value: 1 },
    ]);
    const durations = await seriesOf(metrics, 'mooring_prediction_duration_seconds');
    expect(durations).toContainEqual({ labels: { le: 0.0025, ...primary }, value: 2 });
    expect(durations).toContainEqual({ labels: { le: 0.25, ...outside }, value: 0 });
  });

  it('count errors by model and code, and a name only once it is known to be a model', async () => {
    const metrics = new Metrics();
    const fail = (model: string, isKnown: boolean, code: string, rows = 1) =>
      metrics.failed({ model, isKnown, code }, rows);
    fail('churn', false, 'FORBIDDEN');
    fail('churn', true, 'INVALID_INPUT', 3);
    fail('churn', false, 'OVERLOADED', 7);
    for (let index = 0; index < 1000; index += 1) fail(`made up ${index}`, false, 'NOT_FOUND');
    expect(await seriesOf(metrics, 'mooring_prediction_errors_total')).toEqual([
      { labels: { model_name: '(unknown)', code: 'FORBIDDEN' }, value: 1 },
      { labels: { model_name: 'churn', code: 'INVALID_INPUT' }, value: 3 },
      { labels: { model_name: 'churn', code: 'OVERLOADED' }, value: 7 },
      { labels: { model_name: '(unknown)', code: 'NOT_FOUND' }, value: 1000 },
    ]);
  });

  it('have a bounded number of series, whatever is asked of them, and lose no count', async () => {
    const metrics = new Metrics();
    const flood = 5000;
    for (let index = 0; index < flood; index += 1) {
      predict(metrics, `model-${index % 2500}`, 1 + Math.floor(index / 2500));
      metrics.failed({ model: `model-${index}`, isKnown: true, code: 'INVALID_INPUT' }, 1);
    }
    const bounds = {
      mooring_predictions_total: MAX_PREDICTING_VERSIONS + 1,
      mooring_prediction_duration_seconds: (MAX_PREDICTING_VERSIONS + 1) * 14,
      mooring_prediction_errors_total: MAX_MODELS_WITH_ERRORS + 1,
    };
    for (const [name, bound] of Object.entries(bounds)) expect(await seriesOf(metrics, name)).toHaveLength(bound);
    for (const name of ['mooring_predictions_total', 'mooring_prediction_errors_total']) {
      const series = await seriesOf(metrics, name);
      expect(series.reduce((sum, { value }) => sum + value, 0)).toBe(flood);
    }
    const other = { model_name: '(other)', model_version: '(other)', variant: 'PRIMARY' };
    expect(await seriesOf(metrics, 'mooring_predictions_total')).toContainEqual({
      labels: other,
      value: flood - MAX_PREDICTING_VERSIONS,
    });
  });

  it('give the place of a version that has retired to a new one, with all its series', async () => {
    const metrics = new Metrics();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    for (let version = 1; version <= MAX_PREDICTING_VERSIONS; version += 1) predict(metrics, 'daily', version);
    clock.mockReturnValue(VERSION_IDLE_MS - 1);
    predict(metrics, 'daily', 2);
    predict(metrics, 'daily', 1000);
    clock.mockReturnValue(VERSION_IDLE_MS);
    predict(metrics, 'daily', 1001);
    clock.mockRestore();
    const versions = (await seriesOf(metrics, 'mooring_predictions_total')).map(({ labels }) => labels.model_version);
    expect(versions).toHaveLength(MAX_PREDICTING_VERSIONS + 1);
    expect(versions).toEqual(expect.arrayContaining(['2', '3', '(other)', '1001']));
    expect(versions).not.toContain('1');
    const durations = await seriesOf(metrics, 'mooring_prediction_duration_seconds');
    expect(durations.filter(({ labels }) => labels.model_version === '1')).toEqual([]);
  });
});

describe('a limit of label values', () => {
  it('keeps those that are in use, and without a time of idleness for ever', () => {
    const limit = new LabelLimit(2);
    expect(['a', 'b', 'c', 'a'].map((value) => limit.admits(value))).toEqual([true, true, false, true]);
    expect(limit.admits('c', Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it('lets go the one that has been idle for longest', () => {
    const forgotten: string[] = [];
    const limit = new LabelLimit(2, { idleMs: 10, onForgotten: (value) => forgotten.push(value) });
    limit.admits('a', 0);
    limit.admits('b', 1);
    limit.admits('a', 2);
    expect(limit.admits('c', 10)).toBe(false);
    expect(limit.admits('c', 11)).toBe(true);
    expect(forgotten).toEqual(['b']);
    expect([limit.has('a'), limit.has('b'), limit.has('c')]).toEqual([true, false, true]);
  });
});
