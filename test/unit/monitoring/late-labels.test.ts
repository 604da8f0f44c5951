import type { DriftResult } from '../../../src/entities';
import {
  areLabelsMaterial,
  type LabelSituation,
  withLateLabels,
} from '../../../src/services/monitoring/late-labels.policy';

describe('Late labels are material', () => {
  const situation: LabelSituation = {
    rowCount: 1000,
    knownLabels: 500,
    labels: 500,
    correctedLabels: 0,
    concept: 'INSUFFICIENT_LABELS',
  };
  it.each<[boolean, string, Partial<LabelSituation>]>([
    [false, 'nothing came', {}],
    [false, 'few came', { labels: 509 }],
    [true, 'a hundredth came', { labels: 510 }],
    [true, 'one was corrected', { correctedLabels: 1 }],
    [true, 'the verdict may be near', { knownLabels: 940, labels: 941 }],
    [false, 'few came after the verdict', { knownLabels: 960, labels: 965, concept: 'NO_DRIFT' }],
    [true, 'the last ones came', { knownLabels: 995, labels: 1000, concept: 'NO_DRIFT' }],
    [false, 'there are fewer than before', { labels: 400 }],
    [false, 'the window is empty', { rowCount: 0, knownLabels: 0, labels: 0 }],
  ])('%s: %s', (expected, _why, changes) => {
    expect(areLabelsMaterial({ ...situation, ...changes })).toBe(expected);
  });
});

describe('A report with late labels', () => {
  const result = (concept: string, mark: string) =>
    ({
      features: [mark],
      prediction: mark,
      performance: { [mark]: 1 },
      concept: { verdict: concept },
      alertId: null,
    }) as unknown as DriftResult;

  it('keeps features and predictions and takes the rest', () => {
    const stored = { verdict: 'NO_DRIFT', result: result('INSUFFICIENT_LABELS', 'stored') } as const;
    const fresh = { verdict: 'DRIFT', result: result('NO_DRIFT', 'fresh') } as const;
    expect(withLateLabels(stored, fresh)).toMatchObject({
      verdict: 'NO_DRIFT',
      result: {
        features: ['stored'],
        prediction: 'stored',
        performance: { fresh: 1 },
        concept: { verdict: 'NO_DRIFT' },
      },
    });
  });

  it('turns to DRIFT with its concept, and back when a correction takes that away', () => {
    const drifted = result('DRIFT', 'x');
    const steady = result('NO_DRIFT', 'x');
    expect(
      withLateLabels({ verdict: 'INSUFFICIENT_DATA', result: steady }, { verdict: 'DRIFT', result: drifted }).verdict,
    ).toBe('DRIFT');
    expect(withLateLabels({ verdict: 'DRIFT', result: drifted }, { verdict: 'NO_DRIFT', result: steady }).verdict).toBe(
      'NO_DRIFT',
    );
  });
});
