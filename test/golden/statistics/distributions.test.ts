import { chiSquareSurvival, kolmogorovSurvival, normalSurvival } from '../../../src/services/statistics';
import golden from './golden.json';
import { relativeError } from './golden-sample';

describe('survival functions against scipy', () => {
  it.each(golden.chiSquareSurvival)('χ² beyond %d with %d degrees of freedom has probability %d', (x, df, p) => {
    expect(relativeError(chiSquareSurvival(x, df), p)).toBeLessThan(1e-11);
  });

  it.each(golden.normalSurvival)('a standard normal beyond %d has probability %d', (z, p) => {
    expect(relativeError(normalSurvival(z), p)).toBeLessThan(1e-12);
  });

  it.each(golden.kolmogorovSurvival)('D of %d observations beyond %d has probability %d', (n, d, p) => {
    expect(relativeError(kolmogorovSurvival(n, d), p)).toBeLessThan(1e-9);
  });

  it.each([
    [0.02, 5000, 0.03613941395325637],
    [0.01, 5000, 0.6954557253913853],
    [0.2, 100, 0.0005551927327988775],
  ])("reproduces the reference page's D = %d at n = %d", (d, n, p) => {
    expect(relativeError(kolmogorovSurvival(n, d), p)).toBeLessThan(1e-10);
  });
});
