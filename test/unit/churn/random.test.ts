import fc from 'fast-check';
import { Random } from '../../../examples/churn/random';

const sample = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Random', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const [a, again, b] = [new Random(7), new Random(7), new Random(8)].map((random) =>
      sample(20, () => random.next()),
    );
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });

  it('stays in [0, 1) and hits every tenth evenly', () => {
    const random = new Random(1);
    const counts = new Array<number>(10).fill(0);
    const values = sample(100_000, () => random.next());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    for (const value of values) counts[Math.floor(value * 10)] += 1;
    // Nine standard deviations of a count of 10,000 are 854.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(854);
  });

  it('draws normals of mean 0 and variance 1, and counts of the given mean', () => {
    const random = new Random(2);
    const normals = sample(100_000, () => random.normal());
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(mean(normals.map((value) => value * value))).toBeCloseTo(1, 1);
    expect(mean(sample(50_000, () => random.poisson(1.6)))).toBeCloseTo(1.6, 1);
  });

  it('draws indices by their weights, and never beyond the last', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        (seed, parts) => {
          const random = new Random(seed);
          const total = parts.reduce((sum, part) => sum + part, 0);
          const index = random.weighted(parts.map((part) => part / total));
          expect(index).toBeGreaterThanOrEqual(0);
          expect(index).toBeLessThan(parts.length);
        },
      ),
    );
    const random = new Random(3);
    const share = mean(sample(50_000, () => (random.weighted([0.2, 0.5, 0.3]) === 1 ? 1 : 0)));
    expect(share).toBeCloseTo(0.5, 1);
  });
});
