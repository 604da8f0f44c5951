import { PerformanceSliceBuilder } from '../../../src/services/monitoring/performance/performance-slice';
import { fitCalibration, realisedPerformance, scoreSample } from '../../../src/services/statistics';

const row = (probability: number, outcome: boolean | null) => ({ id: '', features: {}, probability, outcome });
const RULES = { threshold: 0.5, z: 1.96, calibration: fitCalibration(Float64Array.of(0.2, 0.8), [0, 1]) };

describe('A slice', () => {
  it('has the figures of all its pages together', async () => {
    const rows = Array.from({ length: 70 }, (_, index) =>
      row(((index * 37) % 70) / 70, index % 3 === 0 ? null : index % 2 === 0),
    );
    const builder = new PerformanceSliceBuilder();
    for (let start = 0; start < 70; start += 10) builder.add(rows.slice(start, start + 10));
    const { realised, scores, ...counts } = await builder.figures(RULES);
    const sample = scoreSample(
      rows.map(({ probability }) => probability),
      rows.map(({ outcome }) => outcome),
    );
    expect(realised).toEqual(realisedPerformance(sample, 0.5, 1.96));
    expect(Array.from(scores)).toEqual(rows.map(({ probability }) => probability).sort((a, b) => a - b));
    expect(counts).toMatchObject({ predictionCount: 70, labelCount: 46, invalidCount: 0 });
  });

  it('counts what is no probability and measures the rest', async () => {
    const builder = new PerformanceSliceBuilder();
    builder.add([row(NaN, true), row(1.5, true), row(0.9, true)]);
    const { predictionCount, labelCount, invalidCount, realised } = await builder.figures(RULES);
    expect([predictionCount, labelCount, invalidCount, realised.accuracy.value]).toEqual([3, 1, 2, 1]);
  });

  it('without predictions has reasons in place of figures', async () => {
    const { realised, estimated, estimatePValue } = await new PerformanceSliceBuilder().figures(RULES);
    expect([realised.brier.undefinedBecause, estimated.auc.undefinedBecause, estimatePValue]).toEqual([
      'NO_ROWS',
      'NO_ROWS',
      null,
    ]);
  });

  it('estimates nothing without a calibration', async () => {
    const builder = new PerformanceSliceBuilder();
    builder.add([row(0.9, null)]);
    const { estimated, estimatePValue } = await builder.figures({ ...RULES, calibration: null });
    expect([estimated.accuracy.undefinedBecause, estimatePValue]).toEqual(['NOT_ESTIMABLE', null]);
  });
});
