import fc from 'fast-check';
import { applyCalibration, calibrationZ, fitCalibration, SeededRandom } from '../../../src/services/statistics';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const logit = (p: number): number => Math.log(p / (1 - p));

/** Probabilities whose true odds are intercept + slope · logit(p). */
function draw(
  seed: string,
  rows: number,
  intercept: number,
  slope: number,
): { probabilities: Float64Array; labels: number[] } {
  const random = new SeededRandom(seed);
  const probabilities = Float64Array.from({ length: rows }, () => sigmoid(random.normal()));
  const labels = Array.from(probabilities, (p) => Number(random.uniform() < sigmoid(intercept + slope * logit(p))));
  return { probabilities, labels };
}

describe('calibration', () => {
  it('recovers the line that the outcomes follow', () => {
    const { probabilities, labels } = draw('recover', 50_000, -0.7, 1.6);
    const { intercept, slope, covariance } = fitCalibration(probabilities, labels);
    expect(Math.abs(intercept + 0.7) / Math.sqrt(covariance.intercept)).toBeLessThan(3);
    expect(Math.abs(slope - 1.6) / Math.sqrt(covariance.slope)).toBeLessThan(3);
    expect(covariance.slope).toBeLessThan(0.001);
  });

  it('survives a round trip through JSON', () => {
    const { probabilities, labels } = draw('json', 200, 0, 1);
    const calibration = fitCalibration(probabilities, labels);
    const stored = JSON.parse(JSON.stringify(calibration)) as typeof calibration;
    expect(applyCalibration(stored, probabilities)).toEqual(applyCalibration(calibration, probabilities));
  });

  it('stays finite and keeps probabilities in [0, 1] for any reference: one class, separable, certain, constant', () => {
    const row = fc.tuple(
      fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5)),
      fc.integer({ min: 0, max: 1 }),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const probabilities = Float64Array.from(rows, ([p]) => p);
        const calibration = fitCalibration(
          probabilities,
          rows.map(([, label]) => label),
        );
        expect([calibration.intercept, calibration.slope].every(Number.isFinite)).toBe(true);
        expect(applyCalibration(calibration, probabilities).every((p) => p >= 0 && p <= 1)).toBe(true);
      }),
    );
  });

  it('makes the mean prediction meet the mean outcome on its own rows', () => {
    const { probabilities, labels } = draw('rare', 5000, -4, 1);
    const calibration = fitCalibration(probabilities, labels);
    expect(Math.abs(calibrationZ(probabilities, labels, calibration).gap)).toBeLessThan(1e-4);
  });

  it('refuses labels that are none', () => {
    expect(() => fitCalibration(Float64Array.of(0.5), [0.5])).toThrow('labels.0: 0.5 is not a label.');
  });
});

describe('calibrationZ', () => {
  it('is Σ(y − p) / √Σ p(1 − p) for probabilities taken as they are', () => {
    const { z, gap, pValue } = calibrationZ(Float64Array.of(0.2, 0.5, 0.9), [1, 1, 0], null);
    expect(z).toBeCloseTo((0.8 + 0.5 - 0.9) / Math.sqrt(0.16 + 0.25 + 0.09), 14);
    expect(gap).toBeCloseTo(0.4 / 3, 14);
    // 2·(1 − Φ(.565685))
    expect(pValue).toBeCloseTo(0.5716, 4);
  });

  it('is 0 or very large where every probability is certain, and finite', () => {
    expect(calibrationZ(Float64Array.of(0, 1), [0, 1], null)).toEqual({ z: 0, pValue: 1, gap: 0 });
    const wrong = calibrationZ(Float64Array.of(0, 1), [1, 1], null);
    expect([wrong.pValue, wrong.z]).toEqual([0, expect.closeTo(Math.SQRT1_2 * 1000, 0)]);
  });

  it('knows what a small reference does not know: windows ten times its size alarm no more often', () => {
    let alarms = 0;
    let alarmsWithoutFitVariance = 0;
    for (let run = 0; run < 200; run++) {
      const reference = draw(`reference ${run}`, 400, 0.2, 1);
      const current = draw(`current ${run}`, 4000, 0.2, 1);
      const calibration = fitCalibration(reference.probabilities, reference.labels);
      const bare = applyCalibration(calibration, current.probabilities);
      alarms += Number(calibrationZ(current.probabilities, current.labels, calibration).pValue < 0.05) / 200;
      alarmsWithoutFitVariance += Number(calibrationZ(bare, current.labels, null).pValue < 0.05) / 200;
    }
    expect(alarms).toBeLessThan(0.1);
    expect(alarmsWithoutFitVariance).toBeGreaterThan(0.4);
  });
});
