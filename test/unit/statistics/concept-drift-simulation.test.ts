import {
  fitCalibration,
  type LabelledPredictions,
  pitSample,
  SeededRandom,
  testConceptDrift,
} from '../../../src/services/statistics';

const RUNS = 100;
const REFERENCE_ROWS = 5000;
const CURRENT_ROWS = 1000;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

interface World {
  /** Mean of the one feature. */
  readonly mean: number;
  /** P(Y|X) is logistic with these; the model was fitted when they were −.5 and 1.5. */
  readonly intercept: number;
  readonly slope: number;
}

const UNCHANGED: World = { mean: 0, intercept: -0.5, slope: 1.5 };

/** The model is right about the unchanged world up to a miscalibration that the reference window must repair. */
function observe(world: World, rows: number, seed: string): LabelledPredictions {
  const random = new SeededRandom(seed);
  const features = Float64Array.from({ length: rows }, () => world.mean + random.normal());
  return {
    probabilities: features.map((x) => sigmoid(0.2 + 0.8 * (UNCHANGED.intercept + UNCHANGED.slope * x))),
    labels: Array.from(features, (x) => Number(random.uniform() < sigmoid(world.intercept + world.slope * x))),
    ids: Array.from(features, (_, row) => `${seed}/${row}`),
  };
}

/** Shares of windows with an alarm by the verdict and by each test alone. */
function alarmRates(world: World, name: string): { verdict: number; ks: number; z: number } {
  const rates = { verdict: 0, ks: 0, z: 0 };
  for (let run = 0; run < RUNS; run++) {
    const reference = observe(UNCHANGED, REFERENCE_ROWS, `${name} reference ${run}`);
    const current = observe(world, CURRENT_ROWS, `${name} current ${run}`);
    const calibration = fitCalibration(reference.probabilities, reference.labels);
    const { verdict, tests } = testConceptDrift({
      referencePit: pitSample(calibration, reference),
      calibration,
      current,
      cohortSize: CURRENT_ROWS,
      alpha: 0.05,
      minimumLabels: 200,
      minimumCoverage: 0.5,
      minimumKsStatistic: 0.03,
      minimumCalibrationGap: 0.02,
    });
    rates.verdict += Number(verdict === 'DRIFT') / RUNS;
    rates.ks += Number((tests?.ks.pValue ?? 1) < 0.05) / RUNS;
    rates.z += Number((tests?.calibration.pValue ?? 1) < 0.05) / RUNS;
  }
  return rates;
}

describe('concept drift over simulated windows', () => {
  // At a true rate of .05, 100 runs give more than .11 under one seed in 200.
  it('stays silent when nothing changed', () => {
    const rates = alarmRates(UNCHANGED, 'nothing');
    expect(Math.max(rates.verdict, rates.ks, rates.z)).toBeLessThanOrEqual(0.11);
  });

  it('stays silent when only the traffic changed', () => {
    const rates = alarmRates({ ...UNCHANGED, mean: 1 }, 'traffic');
    expect(Math.max(rates.verdict, rates.ks, rates.z)).toBeLessThanOrEqual(0.11);
  });

  it('sees a change of the intercept by .3', () => {
    const rates = alarmRates({ ...UNCHANGED, intercept: -0.2 }, 'intercept');
    expect(rates.verdict).toBeGreaterThan(0.85);
    expect(rates.ks).toBeGreaterThan(0.45);
    expect(rates.z).toBeGreaterThan(0.85);
  });

  it('sees a slope that fell from 1.5 to .8', () => {
    const rates = alarmRates({ ...UNCHANGED, slope: 0.8 }, 'slope');
    expect(rates.ks).toBeGreaterThan(0.4);
    expect(rates.verdict).toBeGreaterThan(0.3);
  });
});
