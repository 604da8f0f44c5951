import {
  type Calibration,
  type ConceptDriftInput,
  pitSample,
  probabilityIntegralTransform,
  testConceptDrift,
  uniformFromText,
} from '../../../src/services/statistics';

const IDENTITY: Calibration = {
  kind: 'PLATT',
  intercept: 0,
  slope: 1,
  covariance: { intercept: 0, slope: 0, both: 0 },
};

/** Rows whose share of positives is `rate` while the model says one half. */
function cohort(rows: number, rate: number): ConceptDriftInput {
  const current = {
    probabilities: new Float64Array(rows).fill(0.5),
    labels: Array.from({ length: rows }, (_, i) => Number(i < rows * rate)),
    ids: Array.from({ length: rows }, (_, i) => `p${i}`),
  };
  return {
    referencePit: Float64Array.from({ length: 5000 }, (_, i) => (i + 0.5) / 5000),
    calibration: IDENTITY,
    current,
    cohortSize: rows,
    alpha: 0.05,
    minimumLabels: 100,
    minimumCoverage: 0.5,
    minimumKsStatistic: 0.03,
    minimumCalibrationGap: 0.02,
  };
}

describe('probabilityIntegralTransform', () => {
  it('spreads positives over the top p of the unit interval and negatives over the rest', () => {
    const u = uniformFromText('id');
    expect(probabilityIntegralTransform(0.3, 1, 'id')).toBeCloseTo(0.7 + 0.3 * u, 15);
    expect(probabilityIntegralTransform(0.3, 0, 'id')).toBeCloseTo(0.7 * u, 15);
    expect(probabilityIntegralTransform(1, 1, 'id')).toBe(u);
    expect(probabilityIntegralTransform(0, 0, 'id')).toBe(u);
  });

  it('needs an id for every prediction', () => {
    const predictions = { probabilities: Float64Array.of(0.5, 0.5), labels: [0, 1], ids: ['a'] };
    expect(() => pitSample(IDENTITY, predictions)).toThrow('ids: there are 1 for 2 predictions.');
  });
});

describe('testConceptDrift', () => {
  it('reports both tests with their figures, adjusted together', () => {
    const { verdict, tests, labelCount, coverage, caveat } = testConceptDrift(cohort(1000, 0.6));
    expect({ verdict, labelCount, coverage }).toEqual({ verdict: 'DRIFT', labelCount: 1000, coverage: 1 });
    expect(tests?.calibration.z).toBeCloseTo(100 / Math.sqrt(250), 10);
    expect(tests?.calibration.gap).toBeCloseTo(0.1, 12);
    expect(tests?.calibration.detected).toBe(true);
    expect(tests?.ks.statistic).toBeGreaterThan(0.08);
    const [small, large] = [tests?.ks, tests?.calibration].sort((a, b) => a!.pValue - b!.pValue);
    expect(small?.correctedPValue).toBe(2 * small!.pValue);
    expect(large?.correctedPValue).toBe(Math.max(large!.pValue, 2 * small!.pValue));
    expect(caveat).toContain('miscalibrated');
  });

  it('finds nothing where the outcomes follow the probabilities', () => {
    expect(testConceptDrift(cohort(1000, 0.5)).verdict).toBe('NO_DRIFT');
  });

  it('needs an effect above the floors, however significant it is', () => {
    const referencePit = Float64Array.from({ length: 200_000 }, (_, i) => (i + 0.5) / 200_000);
    const input = { ...cohort(200_000, 0.51), referencePit };
    const { verdict, tests } = testConceptDrift(input);
    expect(tests?.calibration.correctedPValue).toBeLessThan(1e-6);
    expect(verdict).toBe('NO_DRIFT');
    expect(testConceptDrift({ ...input, minimumCalibrationGap: 0.005 }).verdict).toBe('DRIFT');
    expect(testConceptDrift({ ...input, minimumKsStatistic: 0.005 }).verdict).toBe('DRIFT');
  });

  it('waits for labels: enough of them, and from enough of the cohort', () => {
    const few = testConceptDrift(cohort(99, 1));
    expect(few).toMatchObject({ verdict: 'INSUFFICIENT_LABELS', labelCount: 99, tests: null });
    const early = testConceptDrift({ ...cohort(400, 1), cohortSize: 1000 });
    expect(early).toMatchObject({ verdict: 'INSUFFICIENT_LABELS', coverage: 0.4, tests: null });
    const none = testConceptDrift({ ...cohort(0, 0), minimumLabels: 0, minimumCoverage: 0 });
    expect(none).toMatchObject({ verdict: 'INSUFFICIENT_LABELS', coverage: 0 });
  });

  it('refuses to compare with an empty reference', () => {
    expect(() => testConceptDrift({ ...cohort(1000, 0.5), referencePit: Float64Array.of() })).toThrow(/referencePit/);
  });
});
