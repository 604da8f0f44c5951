import { analyseDrift } from '../../../src/services/monitoring/drift-analysis.policy';
import { DEFAULT_MONITORING_RULES } from '../../../src/services/monitoring/monitoring-policy.service';
import { countBins, fitLinearCalibration, referenceBins, SeededRandom } from '../../../src/services/statistics';
import { windowOf } from '../../support/drift-windows';
import { referenceOf, subscribers } from '../../support/subscribers';
import { categoricalColumn, numericColumn } from '../statistics/columns';

const profile = referenceOf(subscribers(2000, 'reference'));
const window = windowOf(profile, subscribers(1500, 'same'), 0);
const distributionOf = (column: Parameters<typeof referenceBins>[0]) => {
  const bins = referenceBins(column);
  return { bins, counts: countBins(bins, column) };
};

describe('The analysis of a multiclass model', () => {
  const CLASSES = ['churned', 'paused', 'stayed'];

  /** Scores of three classes for each row, the third pushed by `bias`; the greatest is the answer. */
  function answers(seed: string, rows: number, bias: number) {
    const random = new SeededRandom(seed);
    const scores = Array.from({ length: rows }, () => {
      const raw = [random.normal(), random.normal(), random.normal() + bias].map(Math.exp);
      const total = raw.reduce((sum, value) => sum + value, 0);
      return raw.map((value) => value / total);
    });
    return {
      chosen: categoricalColumn(scores.map((row) => CLASSES[row.indexOf(Math.max(...row))])),
      scores: CLASSES.map((_, index) => numericColumn(scores.map((row) => row[index]))),
    };
  }

  const reference = answers('reference', 4000, 0);
  const prediction = distributionOf(reference.chosen);
  const analyse = (bias: number) => {
    const current = answers(`current ${bias}`, 2000, bias);
    const classScores = CLASSES.map((className, index) => {
      const then = distributionOf(reference.scores[index]);
      return { className, reference: then, current: countBins(then.bins, current.scores[index]) };
    });
    const counted = { ...window, prediction: countBins(prediction.bins, current.chosen) };
    const options = { taskType: 'MULTICLASS_CLASSIFICATION', classScores } as const;
    return analyseDrift({ ...profile, prediction }, counted, DEFAULT_MONITORING_RULES, 0.5, options);
  };

  it('compares the classes that it chose and the scores of each', () => {
    const { verdict, result } = analyse(0);
    expect(verdict).toBe('NO_DRIFT');
    expect(result.prediction.histogram.bins.slice(0, 3).toSorted()).toEqual(CLASSES);
    expect(result.prediction.classScores?.map(({ className }) => className)).toEqual(CLASSES);
    const changed = analyse(1).result.prediction;
    expect(changed.verdict).toBe('DRIFT');
    expect(changed.classScores?.[2]).toMatchObject({ className: 'stayed', verdict: 'DRIFT' });
    expect(changed.reason).toMatch(/The scores of .*stayed drift\.$/);
  });

  it('says why the tests of the concept do not apply', () => {
    const { concept, performance } = analyse(0).result;
    expect(concept).toMatchObject({
      verdict: 'NOT_APPLICABLE',
      ksPValue: null,
      calibrationZ: null,
      labelsNeeded: null,
    });
    expect(concept.reason).toMatch(/multiclass model has one for each class/);
    expect(performance).toEqual({});
  });
});

describe('The analysis of a regression model', () => {
  /** Rents whose spread grows with the size; the model sees the size, and underestimates all by a tenth. */
  function rents(seed: string, rows: number, { size = 60, raise = 0 } = {}) {
    const random = new SeededRandom(seed);
    const sizes = Array.from({ length: rows }, () => size + 15 * random.normal());
    return {
      predictions: sizes.map((each) => 9 * each),
      outcomes: sizes.map((each) => 10 * each + raise + 0.8 * each * random.normal()),
    };
  }

  const reference = rents('reference', 4000);
  const calibration = fitLinearCalibration(reference.predictions, reference.outcomes);
  const prediction = distributionOf(numericColumn(reference.predictions));
  const analyse = (current: ReturnType<typeof rents>, known = current.outcomes.length) => {
    const rows = current.predictions.length;
    const counted = {
      ...window,
      rowCount: rows,
      prediction: countBins(prediction.bins, numericColumn(current.predictions)),
    };
    const regression = {
      calibration,
      predictions: current.predictions.slice(0, known),
      outcomes: current.outcomes.slice(0, known),
    };
    const options = { taskType: 'REGRESSION', regression } as const;
    return analyseDrift({ ...profile, prediction }, counted, DEFAULT_MONITORING_RULES, 0.5, options).result;
  };

  it('tells a change of the traffic from a change of the concept', () => {
    const unchanged = analyse(rents('unchanged', 2000));
    expect([unchanged.prediction.verdict, unchanged.concept.verdict]).toEqual(['NO_DRIFT', 'NO_DRIFT']);
    const traffic = analyse(rents('traffic', 2000, { size: 80 }));
    expect([traffic.prediction.verdict, traffic.concept.verdict]).toEqual(['DRIFT', 'NO_DRIFT']);
    const concept = analyse(rents('concept', 2000, { raise: 20 }));
    expect([concept.prediction.verdict, concept.concept.verdict]).toEqual(['NO_DRIFT', 'DRIFT']);
    expect(concept.concept.calibrationZ).toBeGreaterThan(5);
    expect(concept.concept.reason).toMatch(/^Outcomes are on average \S+ standard deviations above what/);
    expect(concept.concept.note).toMatch(/^KS does not apply/);
  });

  it('waits for outcomes, and without any way to hold them against says so', () => {
    const few = analyse(rents('few', 2000), 60).concept;
    expect(few).toMatchObject({ verdict: 'INSUFFICIENT_LABELS', labelledRowCount: 60, labelsNeeded: 1900 });
    expect(few.reason).toBe('60 outcomes are known; it takes 100.');
    const options = { taskType: 'REGRESSION' } as const;
    const none = analyseDrift({ ...profile, prediction }, window, DEFAULT_MONITORING_RULES, 0.5, options).result
      .concept;
    expect(none.verdict).toBe('NOT_APPLICABLE');
  });

  it('says NOT_APPLICABLE where the numbers leave the range of doubles, and DRIFT where a constant moved', () => {
    const huge = { predictions: [1, 2, 3].map((n) => n * 1e307), outcomes: [-1e308, 1e308, 9e307] };
    const rules = { ...DEFAULT_MONITORING_RULES, minimumLabels: 1, minimumRows: 1 };
    const conceptAt = (reference_: typeof huge, current: typeof huge) => {
      const regression = { ...current, calibration: fitLinearCalibration(reference_.predictions, reference_.outcomes) };
      const counted = { ...window, rowCount: current.outcomes.length };
      return analyseDrift(profile, counted, rules, 0.5, { taskType: 'REGRESSION', regression }).result.concept;
    };
    expect(conceptAt(huge, huge).verdict).toBe('NOT_APPLICABLE');
    const constant = { predictions: [5, 5, 5], outcomes: [7, 7, 7] };
    expect(conceptAt(constant, constant).verdict).toBe('NO_DRIFT');
    expect(conceptAt(constant, { ...constant, outcomes: [8, 8, 8] }).verdict).toBe('DRIFT');
  });
});
