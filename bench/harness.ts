import { cpus, release, totalmem, type as osType } from 'node:os';

export interface BenchCase {
  readonly name: string;
  readonly unit: 'ms' | 's' | 'ops/s' | 'rows/s' | 'MB' | (string & {});
  readonly higherIsBetter: boolean;
  /** How often each side is measured. Default 5; with 1 there is no warm-up either, for what takes minutes. */
  readonly rounds?: number;
  /** Measures once and returns the figure, in `unit`. */
  run(): number | Promise<number>;
  /** The bare rival, measured in the same way; or, where the case has a limit instead of a rival, that limit. */
  baseline?(): number | Promise<number>;
}

export interface BenchOptions {
  /** A tenth of the rows, where a bench has sizes: to see whether it runs. Its figures are not those that targets are about. */
  readonly small: boolean;
}

/** What a module `bench/<name>.ts` exports as `bench`. */
export interface Bench {
  readonly name: string;
  readonly description: string;
  readonly cases: readonly BenchCase[];
  setup?(options: BenchOptions): void | Promise<void>;
  teardown?(): void | Promise<void>;
}

export interface CaseResult {
  readonly name: string;
  /** Median over the rounds. */
  readonly value: number;
  readonly baseline: number | null;
  readonly unit: string;
  /** 1 is the baseline and higher is better, for times and rates alike; null without a baseline. */
  readonly ratio: number | null;
  readonly rounds: number;
  readonly range: Range;
  readonly baselineRange: Range | null;
}

type Range = readonly [min: number, max: number];

export interface BenchResult {
  readonly name: string;
  readonly machine: Machine;
  readonly cases: readonly CaseResult[];
}

interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly os: string;
}

const DEFAULT_ROUNDS = 5;

/** The middle of the values, or the mean of the two in the middle. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('There is no median of no values.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times as good as the baseline: rates are divided by it, times divide it. */
export const ratioToBaseline = (value: number, baseline: number, higherIsBetter: boolean): number =>
  higherIsBetter ? value / baseline : baseline / value;

/**
 * Measures one case. Both sides are warmed up once, then take turns, and who begins changes every round: what the machine does meanwhile
 * (turbo, other processes) then falls on both alike.
 * @throws Error naming the case when a side returns something that is not a positive number
 */
export async function measureCase(benchCase: BenchCase): Promise<CaseResult> {
  const { name, unit, higherIsBetter, rounds = DEFAULT_ROUNDS } = benchCase;
  const values: number[] = [];
  const baselines: number[] = [];
  const sides = [
    async () => values.push(checked(name, 'run', await benchCase.run())),
    async () => benchCase.baseline && baselines.push(checked(name, 'baseline', await benchCase.baseline())),
  ];
  if (rounds > 1) {
    for (const side of sides) await side();
    values.length = 0;
    baselines.length = 0;
  }
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side();
  }
  const value = median(values);
  const baseline = baselines.length > 0 ? median(baselines) : null;
  return {
    name,
    value,
    baseline,
    unit,
    ratio: baseline === null ? null : ratioToBaseline(value, baseline, higherIsBetter),
    rounds,
    range: rangeOf(values),
    baselineRange: baseline === null ? null : rangeOf(baselines),
  };
}

/** A figure of 0 or NaN is a mistake in the bench, and would turn up as a ratio of 0, infinity or null. */
function checked(name: string, side: string, figure: number): number {
  if (Number.isFinite(figure) && figure > 0) return figure;
  throw new Error(`bench case "${name}": ${side} returned ${figure}; expected a positive number`);
}

const rangeOf = (values: readonly number[]): Range => [Math.min(...values), Math.max(...values)];

/**
 * Runs all cases of a bench between its setup and teardown; the teardown runs also after a failure.
 * @param onCase called after each case, for progress
 */
export async function runBench(
  bench: Bench,
  onCase: (result: CaseResult) => void,
  options: BenchOptions = { small: false },
): Promise<BenchResult> {
  try {
    await bench.setup?.(options);
    const cases: CaseResult[] = [];
    for (const benchCase of bench.cases) {
      const result = await measureCase(benchCase);
      onCase(result);
      cases.push(result);
    }
    return { name: bench.name, machine: describeMachine(), cases };
  } finally {
    await bench.teardown?.();
  }
}

function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    node: process.version,
    os: `${osType()} ${release()} ${process.arch}`,
  };
}

/** One line for a terminal: medians with their ranges, and the ratio. */
export function formatCase({ name, value, baseline, unit, ratio, range, baselineRange }: CaseResult): string {
  const side = (label: string, figure: number, [min, max]: Range) =>
    `${label} ${figureText(figure)} ${unit}${min === max ? '' : ` (${figureText(min)}–${figureText(max)})`}`;
  const parts = [side('', value, range).trim()];
  if (baseline !== null && baselineRange !== null) parts.push(side('baseline', baseline, baselineRange));
  if (ratio !== null) parts.push(`ratio ${ratio.toFixed(2)}`);
  return `${name}: ${parts.join(', ')}`;
}

/** Three significant digits, but never fewer than the whole ones. */
const figureText = (figure: number): string =>
  Math.abs(figure) >= 100 ? Math.round(figure).toLocaleString('en') : figure.toPrecision(3);
