import { InvalidInput } from '../../../src/errors';
import { performanceFlags } from '../../../src/services/monitoring/performance/performance-flags.policy';
import { performanceWindows } from '../../../src/services/monitoring/performance/performance-windows.policy';
import { segmentGroups } from '../../../src/services/monitoring/performance/segment-groups.policy';
import { referenceOf, SIGNATURE, subscribers } from '../../support/subscribers';

const at = (text: string): Date => new Date(`2026-11-${text}Z`);

describe('Windows of performance', () => {
  const windowsOf = (from: string, to: string, windowSeconds?: number) => {
    const { count, windowAt } = performanceWindows({ from: at(from), to: at(to), windowSeconds });
    return Array.from({ length: count }, (_, index) => {
      const { start, end } = windowAt(index);
      return [new Date(start).toISOString().slice(8, 16), new Date(end).toISOString().slice(8, 16)];
    });
  };

  it('are days in UTC by default, cut to the range', () => {
    expect(windowsOf('01T18:00:00', '03T06:00:00')).toEqual([
      ['01T18:00', '02T00:00'],
      ['02T00:00', '03T00:00'],
      ['03T00:00', '03T06:00'],
    ]);
  });

  it('have no empty one at the end, and are one where the range is within one', () => {
    expect(windowsOf('01T00:00:00', '02T00:00:00')).toEqual([['01T00:00', '02T00:00']]);
    expect(windowsOf('01T10:05:00', '01T10:07:00', 3600)).toEqual([['01T10:05', '01T10:07']]);
  });

  it('refuse what makes none, too many or too short ones, and name the argument', () => {
    expect(() => windowsOf('02T00:00:00', '02T00:00:00')).toThrow(/^to: must be later/);
    expect(() => windowsOf('01T00:00:00', '02T00:00:00', 59)).toThrow(/^windowSeconds: 59 is less than a minute/);
    expect(() => windowsOf('01T00:00:00', '20T00:00:00', 60)).toThrow(/^windowSeconds: the range has 27360 windows/);
  });
});

describe('Groups of a feature', () => {
  const profile = referenceOf(subscribers(2000, 'reference'));
  const dtypes = new Map<string, 'DOUBLE' | 'STRING' | 'INT64'>(
    SIGNATURE.inputs.map(({ name, dtype }) => [name, dtype]),
  );

  it('are the values of a categorical one, (other) and (null)', () => {
    const { names, groupOf } = segmentGroups('plan', dtypes, profile);
    expect(names).toEqual(['meter', 'flat', '(other)', '(null)']);
    expect(['flat', 'unheard of', null, undefined].map((value) => names[groupOf(value)])).toEqual([
      'flat',
      '(other)',
      '(null)',
      '(null)',
    ]);
  });

  it('are ranges of a numeric one with about a fifth of the reference each, and (null)', () => {
    const { names, groupOf } = segmentGroups('minutes', dtypes, profile);
    expect(names).toHaveLength(6);
    const counts = names.map(() => 0);
    for (const { features } of subscribers(2000, 'reference')) counts[groupOf(features.minutes)] += 1;
    for (const count of counts.slice(0, 5)) expect(Math.abs(count / 1900 - 0.2)).toBeLessThan(0.06);
    expect(counts[5] / 2000).toBeCloseTo(0.05, 1);
    expect([-1e9, 1e9].map(groupOf)).toEqual([0, 4]);
  });

  it('of whole numbers with few values are those values', () => {
    const { names, groupOf } = segmentGroups('calls', dtypes, profile);
    expect(names).toEqual(['< 1', '[1, 2)', '[2, 3)', '[3, 4)', '≥ 4', '(null)']);
    expect(['0', '1', '2', '3', '4', '17', null].map(groupOf)).toEqual([0, 1, 2, 3, 4, 4, 5]);
  });

  it('are fewer where one value has most of the rows', () => {
    const edges = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const counts = { bins: [0, 600, 50, 50, 50, 50, 50, 50, 50, 50, 0], nullCount: 0 };
    const features = [{ name: 'minutes', bins: { kind: 'NUMERIC' as const, edges }, counts }];
    expect(segmentGroups('minutes', dtypes, { features }).names).toEqual(['< 1', '[1, 5)', '≥ 5', '(null)']);
  });

  it('are not made of what the version does not take', () => {
    expect(() => segmentGroups('mood', dtypes, profile)).toThrow(InvalidInput);
    expect(() => segmentGroups('mood', dtypes, profile)).toThrow(/no feature "mood"; it has minutes, plan, calls/);
  });
});

describe('Flags of a slice', () => {
  const facts = {
    predictionCount: 1000,
    labelCount: 1000,
    invalidCount: 0,
    minimumLabels: 100,
    isOpen: false,
    hasReference: true,
    outsideRatio: 0,
    estimatePValue: 0.5,
    alpha: 0.05,
    comparisons: 10,
  };

  it.each([
    [{}, []],
    [{ predictionCount: 0, labelCount: 0, isOpen: true }, ['NO_PREDICTIONS', 'WINDOW_OPEN']],
    [{ labelCount: 0, estimatePValue: null }, ['NO_LABELS']],
    [{ labelCount: 99 }, ['INSUFFICIENT_LABELS', 'EARLY_LABELS']],
    [{ predictionCount: 99, labelCount: 99 }, ['INSUFFICIENT_LABELS']],
    [{ labelCount: 949 }, ['EARLY_LABELS']],
    [{ labelCount: 950 }, []],
    [{ hasReference: false, estimatePValue: null }, ['NO_REFERENCE']],
    [{ outsideRatio: 0.06 }, ['OUTSIDE_REFERENCE']],
    [{ invalidCount: 1 }, ['INVALID_SCORES']],
    [{ estimatePValue: 0.004 }, ['CONTRADICTED_BY_LABELS']],
    // Corrected over the slices.
    [{ estimatePValue: 0.006 }, []],
    // Early labels contradict nothing.
    [{ estimatePValue: 0, labelCount: 500 }, ['EARLY_LABELS']],
    [{ estimatePValue: 0, labelCount: 90, predictionCount: 90 }, ['INSUFFICIENT_LABELS']],
  ])('of %j are %j', (changes, flags) => expect(performanceFlags({ ...facts, ...changes })).toEqual(flags));
});
