import {
  confoundedTests,
  fitCalibration,
  type LabelledPredictions,
  pitSample,
  scoreDetections,
  SeededRandom,
  testConceptDrift,
} from '../../../src/services/statistics';

const REFERENCE_ROWS = 5000;
const CURRENT_ROWS = 1000;
const RUNS = 200;
/** The KS tests of losses, residuals and scores cost three times as much as the rest. */
const CONFOUNDED_RUNS = 60;
/** Of the reference page's own figures. */
const PAGE_RUNS = 300;

interface World {
  readonly mean: number;
  readonly intercept: number;
  readonly slope: number;
}

const UNCHANGED: World = { mean: 0, intercept: -1, slope: 1.5 };
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** A model that is right about the unchanged world. */
function observe(world: World, rows: number, seed: string): LabelledPredictions {
  const random = new SeededRandom(seed);
  const features = Float64Array.from({ length: rows }, () => world.mean + random.normal());
  return {
    probabilities: features.map((x) => sigmoid(UNCHANGED.intercept + UNCHANGED.slope * x)),
    labels: Array.from(features, (x) => Number(random.uniform() < sigmoid(world.intercept + world.slope * x))),
    ids: Array.from(features, (_, row) => `${seed}/${row}`),
  };
}

function conceptTest(reference: LabelledPredictions, current: LabelledPredictions) {
  const calibration = fitCalibration(reference.probabilities, reference.labels);
  return testConceptDrift({
    referencePit: pitSample(calibration, reference),
    calibration,
    current,
    cohortSize: current.labels.length,
    alpha: 0.05,
    minimumLabels: 100,
    minimumCoverage: 0.95,
    minimumKsStatistic: 0.03,
    minimumCalibrationGap: 0.02,
  });
}

interface Rates {
  pit: number;
  z: number;
  verdict: number;
  LOG_LOSS: number;
  RESIDUAL: number;
  SCORE_OF_POSITIVES: number;
}

const MEASURES = ['LOG_LOSS', 'RESIDUAL', 'SCORE_OF_POSITIVES'] as const;

function alarmRates(world: World, name: string): Rates {
  const rates: Rates = { pit: 0, z: 0, verdict: 0, LOG_LOSS: 0, RESIDUAL: 0, SCORE_OF_POSITIVES: 0 };
  for (let run = 0; run < RUNS; run++) {
    const reference = observe(UNCHANGED, REFERENCE_ROWS, `${name} reference ${run}`);
    const current = observe(world, CURRENT_ROWS, `${name} current ${run}`);
    const { verdict, tests } = conceptTest(reference, current);
    rates.verdict += Number(verdict === 'DRIFT') / RUNS;
    rates.pit += Number((tests?.ks.pValue ?? 1) < 0.05) / RUNS;
    rates.z += Number((tests?.calibration.pValue ?? 1) < 0.05) / RUNS;
    if (run >= CONFOUNDED_RUNS) continue;
    const confounded = confoundedTests(reference, current);
    for (const measure of MEASURES) {
      const test = confounded.find((each) => each.measure === measure);
      rates[measure] += Number((test?.pValue ?? 1) < 0.05) / CONFOUNDED_RUNS;
    }
  }
  return rates;
}

/** Four standard errors of the difference of two simulated rates, and the half of the last digit that the page gives. */
function samplingError(rate: number, runs: number): number {
  const clamped = Math.min(0.98, Math.max(0.02, rate));
  return 4 * Math.sqrt(clamped * (1 - clamped) * (1 / runs + 1 / PAGE_RUNS)) + 0.005;
}

// Log-loss, y − p, score given y = 1, PIT, z.
const TABLE = [
  { name: 'nothing changed', world: UNCHANGED, page: [0.04, 0.04, 0.06, 0.06, 0.06] },
  { name: 'covariate shift only', world: { ...UNCHANGED, mean: 1 }, page: [0.99, 0.99, 0.98, 0.07, 0.06] },
  { name: 'concept: intercept + .3', world: { ...UNCHANGED, intercept: -0.7 }, page: [0.19, 0.85, 0.21, 0.61, 0.96] },
  { name: 'concept: slope 1.5 to .8', world: { ...UNCHANGED, slope: 0.8 }, page: [0.94, 0.98, 0.96, 0.57, 0.78] },
];

describe("the reference page's table of alarm rates", () => {
  const measured = TABLE.map((row) => ({ ...row, rates: alarmRates(row.world, row.name) }));

  it.each(measured)('comes out again within sampling error: $name', ({ rates, page }) => {
    const [logLoss, residual, score, pit, z] = page;
    const pairs: [number, number, number][] = [
      ...MEASURES.map((measure, index): [number, number, number] => [
        rates[measure],
        [logLoss, residual, score][index],
        CONFOUNDED_RUNS,
      ]),
      [rates.pit, pit, RUNS],
      [rates.z, z, RUNS],
    ];
    for (const [found, expected, runs] of pairs)
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(samplingError(expected, runs));
  });

  it('has no more alarms by Holm than α allows while P(Y|X) stays', () => {
    const [nothing, traffic] = measured;
    expect(nothing.rates.verdict).toBeLessThanOrEqual(0.06);
    // α and three standard errors of 200 runs: over other seeds it is .03 and .05.
    expect(traffic.rates.verdict).toBeLessThanOrEqual(0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS));
  });

  it('shows each concept shift to Holm at least as often as to the better test alone, less .05', () => {
    for (const { rates } of measured.slice(2))
      expect(rates.verdict).toBeGreaterThanOrEqual(Math.max(rates.pit, rates.z) - 0.05);
  });
});

describe('detection delay over a stream of windows', () => {
  const WINDOW = 500;
  const WINDOWS = 40;
  const changedFrom = WINDOWS / 2;

  /** Alarms at the last rows of windows of 500, the concept changed from row 10,000 on. */
  function streamOf(changed: World, seed: string) {
    const reference = observe(UNCHANGED, REFERENCE_ROWS, `${seed} reference`);
    const alarms: number[] = [];
    for (let window = 0; window < WINDOWS; window++) {
      const world = window < changedFrom ? UNCHANGED : changed;
      const { verdict } = conceptTest(reference, observe(world, WINDOW, `${seed} ${window}`));
      if (verdict === 'DRIFT') alarms.push((window + 1) * WINDOW);
    }
    return scoreDetections(alarms, [changedFrom * WINDOW], (WINDOWS - changedFrom) * WINDOW + 1);
  }

  // Over these seeds the mean delay is about 700 rows for the intercept and 1,400 for the slope; a window has 500.
  it.each([
    ['intercept + .3', { ...UNCHANGED, intercept: -0.7 }, 1500],
    ['slope 1.5 to .8', { ...UNCHANGED, slope: 0.8 }, 2500],
  ])('is a few windows: %s', (name, changed, atMost) => {
    const scores = Array.from({ length: 8 }, (_, run) => streamOf(changed, `${name} ${run}`));
    const delays = scores.flatMap(({ delays: found }) => found.filter((delay) => delay !== null));
    const meanDelay = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
    expect(scores.every(({ missed }) => missed === 0)).toBe(true);
    expect(meanDelay).toBeLessThanOrEqual(atMost);
    const quietWindows = scores.length * changedFrom;
    expect(scores.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0) / quietWindows).toBeLessThanOrEqual(0.075);
  });
});
