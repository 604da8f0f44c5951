import fc from 'fast-check';
import { InvalidInput } from '../../../src/errors';
import {
  calibrateScores,
  EMPTY_SAMPLE,
  estimatedPerformance,
  estimatePValue,
  evaluateBinary,
  evaluationCurves,
  type Figure,
  fitCalibration,
  mergeSamples,
  mergeSorted,
  normalQuantile,
  type PerformanceFigures,
  realisedPerformance,
  sampleSize,
  type ScoreSample,
  scoreSample,
} from '../../../src/services/statistics';

const Z = normalQuantile(0.95);

/** Scores on a coarse grid, so that ties, and probabilities of 0 and 1, are common. */
const anyRows = fc.array(
  fc.record({
    score: fc.oneof(
      fc.integer({ min: 0, max: 8 }).map((step) => step / 8),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
    outcome: fc.constantFrom(true, false, null),
  }),
  { maxLength: 60 },
);

type Rows = readonly { readonly score: number; readonly outcome: boolean | null }[];
const sampleOf = (rows: Rows): ScoreSample =>
  scoreSample(
    rows.map(({ score }) => score),
    rows.map(({ outcome }) => outcome),
  );

const figuresOf = ({ confusionMatrix, ...metrics }: PerformanceFigures): [string, Figure][] => [
  ...Object.entries<Figure>(metrics),
  ...Object.entries<Figure>({ ...confusionMatrix }),
];

/** A number between its bounds, or a reason; never NaN. */
function expectSound(figures: PerformanceFigures): void {
  for (const [name, { value, lower, upper, undefinedBecause }] of figuresOf(figures)) {
    expect([name, value === null]).toEqual([name, undefinedBecause !== null]);
    if (value === null) expect([lower, upper]).toEqual([null, null]);
    else {
      expect(Number.isFinite(value)).toBe(true);
      // A mean of one row has no interval.
      expect(lower === null).toBe(upper === null);
      if (lower !== null && upper !== null) {
        expect(lower).toBeLessThanOrEqual(value + 1e-9);
        expect(upper).toBeGreaterThanOrEqual(value - 1e-9);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(upper)).toBe(true);
      }
    }
  }
}

const CALIBRATION = fitCalibration(Float64Array.of(0.1, 0.4, 0.6, 0.8), [0, 1, 0, 1]);

describe('Figures of performance', () => {
  it('are numbers within their intervals, or have a reason, for rows of every kind', () => {
    fc.assert(
      fc.property(anyRows, fc.double({ min: 0, max: 1, noNaN: true }), (rows, threshold) => {
        const sample = sampleOf(rows);
        expectSound(realisedPerformance(sample, threshold, Z));
        const scores = mergeSorted(mergeSorted(sample.positives, sample.negatives), sample.unlabelled);
        expectSound(estimatedPerformance(calibrateScores(CALIBRATION, scores), threshold, Z));
        const pValue = estimatePValue(sample, CALIBRATION);
        expect(pValue === null).toBe(sample.positives.length + sample.negatives.length === 0);
        expect(pValue ?? 1).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('are those of the evaluation of held-out rows', () => {
    fc.assert(
      fc.property(anyRows, fc.double({ min: 0, max: 1, noNaN: true }), (rows, threshold) => {
        const labelled = rows.filter(({ outcome }) => outcome !== null);
        fc.pre(labelled.length > 0);
        const scores = labelled.map(({ score }) => score);
        const labels = labelled.map(({ outcome }) => Number(outcome));
        const figures = realisedPerformance(sampleOf(labelled), threshold, Z);
        const { averagePrecision, calibration } = evaluationCurves(scores, labels);
        const calibrationError = calibration.reduce(
          (sum, bin) => sum + (bin.rowCount * Math.abs(bin.meanPredicted - bin.observedRatio)) / labels.length,
          0,
        );
        const expected = { ...evaluateBinary(scores, labels, threshold), averagePrecision, calibrationError };
        for (const [name, value] of Object.entries(expected)) {
          const { value: found } = figures[name as 'auc'];
          expect([name, found === null]).toEqual([name, value === null]);
          expect(found ?? -1).toBeCloseTo(value ?? -1, 10);
        }
      }),
    );
  });

  it('do not depend on how rows were parted before they were merged', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(60), (rows, cut) => {
        const parts = [rows.slice(0, cut), rows.slice(cut)].map(sampleOf);
        const merged = parts.reduce(mergeSamples, EMPTY_SAMPLE);
        expect(merged).toEqual(sampleOf(rows));
        expect(sampleSize(merged)).toBe(rows.length);
      }),
    );
  });

  it('say why they are undefined', () => {
    const reasons = (rows: Rows, threshold = 0.5) => {
      const { accuracy, precision, recall, f1, auc, averagePrecision } = realisedPerformance(
        sampleOf(rows),
        threshold,
        Z,
      );
      return [accuracy, precision, recall, f1, auc, averagePrecision].map(({ undefinedBecause }) => undefinedBecause);
    };
    expect(reasons([])).toEqual(Array.from({ length: 6 }, () => 'NO_ROWS'));
    const negative = { score: 0.2, outcome: false };
    expect(reasons([negative])).toEqual([
      null,
      'NO_PREDICTED_POSITIVES',
      'NO_POSITIVES',
      'NO_POSITIVES',
      'ONE_CLASS',
      'NO_POSITIVES',
    ]);
    expect(reasons([{ score: 0.9, outcome: true }])).toEqual([null, null, null, null, 'ONE_CLASS', null]);
    const estimate = estimatedPerformance(calibrateScores(CALIBRATION, Float64Array.of(0.2)), 0.5, Z);
    expect(estimate.precision.undefinedBecause).toBe('NO_PREDICTED_POSITIVES');
    expect(estimate.auc.undefinedBecause).toBe('ONE_CLASS');
    expect(estimate.calibrationError.undefinedBecause).toBe('NOT_ESTIMABLE');
  });

  it('do not promise certainty where few rows leave no doubt', () => {
    const rows = [0.1, 0.2, 0.3, 0.7, 0.8, 0.9].map((score) => ({ score, outcome: score > 0.5 }));
    const { accuracy, auc, averagePrecision, f1 } = realisedPerformance(sampleOf(rows), 0.5, Z);
    for (const figure of [accuracy, auc, averagePrecision, f1]) {
      expect(figure.value).toBe(1);
      expect(figure.upper).toBe(1);
      expect(figure.lower).toBeLessThan(0.75);
    }
  });

  it('refuse what is no probability', () => {
    for (const score of [NaN, -0.1, 1.1]) expect(() => scoreSample([score], [true])).toThrow(InvalidInput);
  });
});
