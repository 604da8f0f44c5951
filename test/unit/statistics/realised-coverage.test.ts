import { realisedPerformance } from '../../../src/services/statistics';
import { coverage, expectRates, METRICS, observe, THRESHOLD, valuesOf, type World, Z } from './simulated-performance';

const RUNS = 400;

/** The metrics of half a million rows stand for the true ones. */
const truthOf = (world: World) => valuesOf(realisedPerformance(observe(500_000, 'truth', world), THRESHOLD, Z));

/** Shares of the windows of so many rows whose intervals hold the truth. */
const ratesOf = (rows: number, truth: Record<string, number | null>, world: World = {}) =>
  coverage(METRICS, RUNS, (index) => ({
    figures: realisedPerformance(observe(rows, `${rows} rows ${index}`, world), THRESHOLD, Z),
    truth,
  }));

// A true rate of .95 gives less than .917 or more than .983 under one seed in 300; the seeds here are fixed.
describe('The 95 % intervals of realised performance', () => {
  // A model that is right has no calibration error, whatever its finite sample shows.
  const truth = { ...truthOf({}), calibrationError: 0 };

  it('hold the true figures in .95 of windows of 2,000 rows', () => expectRates(ratesOf(2000, truth), 0.92, 0.98));

  it('hold them in .95 of windows of 300 rows', () => expectRates(ratesOf(300, truth), 0.92, 0.98));

  it('hold them in .92 and more of windows of 40 rows: those of means and of average precision fall short by .02', () =>
    expectRates(ratesOf(40, truth), 0.92, 0.99));

  it('hold the figures of a model that is miscalibrated, its calibration error of .07 among them', () => {
    const world = { miscalibration: { intercept: 0.5, slope: 1.3 } };
    const wrong = truthOf(world);
    expect(wrong.calibrationError).toBeCloseTo(0.07, 2);
    expectRates(ratesOf(1000, wrong, world), 0.92, 0.98);
  });
});
