import fc from 'fast-check';
import { type BenchCase, formatCase, measureCase, median, ratioToBaseline, runBench } from '../../../bench/harness';

const positive = fc.double({ min: 1e-6, max: 1e9, noNaN: true });

/** A case whose sides return the given figures in order, and note who was asked. */
function fakeCase(run: number[], baseline: number[] | null, rest: Partial<BenchCase> = {}) {
  const turns: string[] = [];
  const take = (side: string, figures: number[]) => () => {
    turns.push(side);
    return figures.shift() ?? NaN;
  };
  const benchCase: BenchCase = {
    name: 'fake',
    unit: 'ms',
    higherIsBetter: false,
    run: take('run', [...run]),
    ...(baseline ? { baseline: take('baseline', [...baseline]) } : {}),
    ...rest,
  };
  return { benchCase, turns };
}

describe('the median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('sorts by size and not by spelling, and leaves its input alone', () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  it('has at least half of the values on either side', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1 }), (values) => {
        const middle = median(values);
        const half = values.length / 2;
        expect(values.filter((value) => value <= middle).length).toBeGreaterThanOrEqual(half);
        expect(values.filter((value) => value >= middle).length).toBeGreaterThanOrEqual(half);
      }),
    );
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('the ratio to the baseline', () => {
  it('is above 1 for twice the rate and for half the time', () => {
    expect(ratioToBaseline(200, 100, true)).toBe(2);
    expect(ratioToBaseline(50, 100, false)).toBe(2);
  });

  it('is 1 at the baseline, and turned over when the sides are', () => {
    fc.assert(
      fc.property(positive, positive, fc.boolean(), (value, baseline, higherIsBetter) => {
        expect(ratioToBaseline(value, value, higherIsBetter)).toBe(1);
        const product =
          ratioToBaseline(value, baseline, higherIsBetter) * ratioToBaseline(baseline, value, higherIsBetter);
        expect(product).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('measuring a case', () => {
  it('leaves the warm-up out, and takes medians, ranges and the ratio of the rest', async () => {
    const { benchCase } = fakeCase([900, 10, 30, 20], [900, 40, 60, 80], { rounds: 3 });
    expect(await measureCase(benchCase)).toEqual({
      name: 'fake',
      unit: 'ms',
      rounds: 3,
      value: 20,
      range: [10, 30],
      baseline: 60,
      baselineRange: [40, 80],
      ratio: 3,
    });
  });

  it('divides rates the other way round', async () => {
    const { benchCase } = fakeCase([0.1, 20, 20], [0.1, 60, 60], { rounds: 2, higherIsBetter: true, unit: 'ops/s' });
    expect((await measureCase(benchCase)).ratio).toBeCloseTo(1 / 3);
  });

  it('lets the sides take turns, and another one begin each round', async () => {
    const { benchCase, turns } = fakeCase([1, 1, 1, 1], [1, 1, 1, 1], { rounds: 3 });
    await measureCase(benchCase);
    expect(turns.map((side) => side[0]).join('')).toBe('rb' + 'rb' + 'br' + 'rb');
  });

  it('measures once and without a warm-up where one round was asked for', async () => {
    const { benchCase, turns } = fakeCase([8], [60], { rounds: 1 });
    expect(await measureCase(benchCase)).toMatchObject({ value: 8, baseline: 60, ratio: 7.5 });
    expect(turns).toEqual(['run', 'baseline']);
  });

  it('has neither baseline nor ratio for a case without a rival', async () => {
    const { benchCase } = fakeCase([8], null, { rounds: 1 });
    expect(await measureCase(benchCase)).toMatchObject({ value: 8, baseline: null, baselineRange: null, ratio: null });
  });

  it.each([0, -1, NaN, Infinity])('refuses %d as a figure, naming the case', async (figure) => {
    const { benchCase } = fakeCase([figure], null, { rounds: 1 });
    await expect(measureCase(benchCase)).rejects.toThrow(/"fake": run returned/);
  });
});

describe('running a bench', () => {
  it('names the machine and keeps the order of the cases', async () => {
    const cases = ['b', 'a'].map((name) => fakeCase([1], [2], { rounds: 1, name }).benchCase);
    const seen: string[] = [];
    const result = await runBench({ name: 'fake', description: 'nothing', cases }, ({ name }) => seen.push(name));
    expect(result).toMatchObject({ name: 'fake', cases: [{ name: 'b' }, { name: 'a' }] });
    expect(result.machine).toMatchObject({ node: process.version, cores: expect.any(Number), cpu: expect.any(String) });
    expect(seen).toEqual(['b', 'a']);
  });

  it('tears down also when a case fails', async () => {
    const steps: string[] = [];
    const bench = {
      name: 'fake',
      description: 'nothing',
      cases: [fakeCase([NaN], null).benchCase],
      setup: () => void steps.push('setup'),
      teardown: () => void steps.push('teardown'),
    };
    await expect(runBench(bench, () => undefined)).rejects.toThrow('expected a positive number');
    expect(steps).toEqual(['setup', 'teardown']);
  });
});

describe('the line of a case', () => {
  it('shows medians, ranges and the ratio', async () => {
    const { benchCase } = fakeCase([1, 1234.5, 1300, 1200], [1, 2500, 2500, 2500], { rounds: 3 });
    expect(formatCase(await measureCase(benchCase))).toBe(
      'fake: 1,235 ms (1,200–1,300), baseline 2,500 ms, ratio 2.03',
    );
  });

  it('leaves out what a case has not', async () => {
    const { benchCase } = fakeCase([0.012345], null, { rounds: 1, unit: 's' });
    expect(formatCase(await measureCase(benchCase))).toBe('fake: 0.0123 s');
  });
});
