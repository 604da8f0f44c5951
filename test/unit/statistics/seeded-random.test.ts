import fc from 'fast-check';
import { kolmogorovSurvival, ksTwoSample, SeededRandom, uniformFromText } from '../../../src/services/statistics';

const draw = (count: number, next: () => number): Float64Array => Float64Array.from({ length: count }, next);
/** The quantiles of the uniform distribution: what a uniform sample is compared with. */
const evenly = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => (i + 0.5) / count);
const uniformP = (values: Float64Array): number =>
  kolmogorovSurvival(values.length, ksTwoSample(values, evenly(values.length)).statistic);

describe('SeededRandom', () => {
  it('gives the same stream for the same seed in every release', () => {
    const random = new SeededRandom(42);
    expect([random.uniform(), random.uniform(), random.integer(1000)]).toEqual([
      0.5217779461598618, 0.7931652666862287, 264,
    ]);
    expect(new SeededRandom('42').uniform()).toBe(new SeededRandom(42).uniform());
    expect(new SeededRandom(43).uniform()).not.toBe(new SeededRandom(42).uniform());
  });

  it('draws uniform numbers uniformly', () => {
    const random = new SeededRandom('uniform');
    expect(uniformP(draw(50_000, () => random.uniform()))).toBeGreaterThan(0.01);
  });

  it('draws normal numbers of mean 0 and variance 1', () => {
    const random = new SeededRandom('normal');
    const values = draw(50_000, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.015);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
    expect(values.filter((value) => Math.abs(value) > 1.959964).length / values.length).toBeCloseTo(0.05, 2);
  });

  it('draws every integer below the bound equally often, and none beyond', () => {
    const random = new SeededRandom('integers');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]++;
    expect(counts).toHaveLength(7);
    expect(Math.max(...counts.map((count) => Math.abs(count - 10_000)))).toBeLessThan(400);
  });

  it('permutes without losing or doubling a number', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 300 }), (seed, length) => {
        const order = new SeededRandom(seed).permutation(length);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });
});

describe('uniformFromText', () => {
  it('is a fixed function of the text', () => {
    expect([uniformFromText(''), uniformFromText('prediction-1')]).toEqual([0.1052025279654869, 0.8674094061983346]);
  });

  it('spreads ids that count up evenly and without a trace of their order', () => {
    const values = Float64Array.from({ length: 20_000 }, (_, i) => uniformFromText(`p-${i}`));
    expect(uniformP(values)).toBeGreaterThan(0.01);
    let product = 0;
    for (let i = 1; i < values.length; i++) product += (values[i] - 0.5) * (values[i - 1] - 0.5);
    expect(Math.abs((product * 12) / values.length)).toBeLessThan(0.03);
  });
});
