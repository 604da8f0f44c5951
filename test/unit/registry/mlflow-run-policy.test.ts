import fc from 'fast-check';
import { nextAttempt } from '../../../src/services/registry/import-retry.policy';
import { readRun } from '../../../src/services/registry/mlflow-run.policy';
import { TrackingProblem } from '../../../src/services/registry/tracking-problem';

const REFERENCE = { trackingUri: 'http://mlflow', experimentId: '1', runId: 'a' };
const answer = (data: unknown) => ({ run: { info: { experiment_id: '1', run_id: 'a' }, data } });
const metricsOf = (...metrics: object[]) => readRun(answer({ metrics }), REFERENCE).metrics;
const valueOf = (value: unknown) => {
  const [metric] = metricsOf({ key: 'm', value });
  return metric.nonFinite ?? metric.value;
};

describe('The figures of a run', () => {
  it.each([
    [0.5, 0.5],
    ['0.5', 0.5],
    [-0, -0],
    ['NaN', 'NAN'],
    ['Infinity', 'INFINITY'],
    ['-Infinity', 'NEGATIVE_INFINITY'],
    [1e999, 'INFINITY'],
    [Number.MAX_VALUE, 'INFINITY'],
    [-Number.MAX_VALUE, 'NEGATIVE_INFINITY'],
    [1.7e308, 1.7e308],
  ])('%s is read as %s', (value, expected) => {
    expect(valueOf(value)).toBe(expected);
  });

  it.each([null, undefined, '', 'high', {}, [], true])('%j is none', (value) => {
    expect(() => valueOf(value)).toThrow(/metrics\.0\.value is missing or has another form/);
  });

  it('are the last of each name, by step and then by time, whatever their order', () => {
    const point = fc.record({ step: fc.integer({ min: 0, max: 3 }), timestamp: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1 }), (points) => {
        const rank = ({ step, timestamp }: { step: number; timestamp: number }) => step * 10 + timestamp;
        const [metric, ...others] = metricsOf(...points.map((one) => ({ key: 'auc', value: rank(one), ...one })));
        expect(others).toEqual([]);
        expect(metric.value).toBe(Math.max(...points.map(rank)));
      }),
    );
  });

  it('have whole steps and times also as texts, and no time where it is none', () => {
    expect(metricsOf({ key: 'm', value: 1, step: '3000000000', timestamp: '1700000000000' })).toMatchObject([
      { step: 3e9, recordedAtMs: 1_700_000_000_000 },
    ]);
    expect(metricsOf({ key: 'm', value: 1, timestamp: 9e15 })).toMatchObject([{ step: 0, recordedAtMs: null }]);
    expect(() => metricsOf({ key: 'm', value: 1, step: 'x' })).toThrow(/metrics\.0\.step/);
  });
});

describe('The texts of a run', () => {
  it('are kept but for what the database cannot keep', () => {
    const tags = [
      { key: 'nul', value: 'a\0b' },
      { key: 'half', value: '\uD83D' },
      { key: 'whole', value: '😀' },
      { key: 'empty' },
      { key: '__proto__', value: 'x' },
    ];
    const read = readRun(answer({ tags }), REFERENCE).tags;
    expect(Object.entries(read)).toEqual([
      ['nul', 'a\uFFFDb'],
      ['half', '\uFFFD'],
      ['whole', '😀'],
      ['empty', ''],
      ['__proto__', 'x'],
    ]);
  });
});

/** What reading it throws; where it can be read, a problem that passes for one. */
function problemOf(value: unknown): unknown {
  try {
    readRun(value, REFERENCE);
    return new TrackingProblem('It can be read.');
  } catch (error) {
    return error;
  }
}

describe('What is not the answer of MLflow', () => {
  it('is a problem that may pass, whatever it is, and never another fault', () => {
    const junk = fc.anything({ withNullPrototype: true });
    const nearly = fc.record({ run: fc.record({ info: fc.constant({ experiment_id: '1' }), data: junk }) });
    fc.assert(
      fc.property(fc.oneof(junk, nearly), (value) => {
        expect(problemOf(value)).toMatchObject({ name: 'TrackingProblem', lasting: false });
      }),
    );
  });
});

describe('The pauses between attempts', () => {
  it('grow up to a day, the short ones in the job queue and the others by the upkeep', () => {
    const pauses = Array.from({ length: 12 }, (_, index) => nextAttempt(index + 1));
    expect(pauses.map(({ pauseSeconds }) => pauseSeconds)).toEqual([
      5, 30, 180, 900, 3600, 7200, 14_400, 28_800, 57_600, 86_400, 86_400, 86_400,
    ]);
    expect(pauses.map(({ by }) => by)).toEqual([...Array<string>(4).fill('JOB'), ...Array<string>(8).fill('UPKEEP')]);
    expect(nextAttempt(10_000)).toEqual({ pauseSeconds: 86_400, by: 'UPKEEP' });
  });
});
