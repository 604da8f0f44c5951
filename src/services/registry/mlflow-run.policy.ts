import type { ImportedMetric, ImportedParam, NonFinite } from '../../entities';
import { TrackingProblem } from './tracking-problem';
import type { RunReference } from './tracking-target.policy';

/** What is taken over from a run. */
export interface ImportedRun {
  readonly runName: string | null;
  /** As MLflow says it: RUNNING, SCHEDULED, FINISHED, FAILED or KILLED. */
  readonly runStatus: string | null;
  /** By name, the last figure of each. */
  readonly metrics: ImportedMetric[];
  /** By name. */
  readonly params: ImportedParam[];
  readonly tags: Record<string, string>;
}

/**
 * Reads the answer of runs/get.
 * @throws TrackingProblem when it is no run, and a lasting one when the run is another experiment's
 */
export function readRun(answer: unknown, { experimentId, runId }: RunReference): ImportedRun {
  const run = objectAt(answer, 'run');
  const info = objectAt(run, 'info', 'run.info');
  const actual = textOf(info.experiment_id);
  if (actual === null) throw unreadable('run.info.experiment_id');
  if (actual !== experimentId)
    throw new TrackingProblem(
      `The run ${runId} belongs to experiment ${actual}, not to ${experimentId}. Link it with that one.`,
      true,
    );
  // Lists of a run that has nothing are left out.
  const data = run.data === undefined ? {} : objectAt(run, 'data', 'run.data');
  return {
    runName: textOf(info.run_name),
    runStatus: textOf(info.status),
    metrics: lastOfEach(listAt(data, 'metrics').map((metric, index) => readMetric(metric, `metrics.${index}`))),
    params: byName(Object.entries(pairsAt(data, 'params')).map(([name, value]) => ({ name, value }))),
    tags: pairsAt(data, 'tags'),
  };
}

/** Reads the answer of experiments/get. */
export function readExperimentName(answer: unknown): string | null {
  return textOf(objectAt(answer, 'experiment').name);
}

/**
 * A figure as MLflow writes it. JSON has no NaN and no infinities: they come as texts, and from MLflow's SQL stores, which cannot keep infinities,
 * as the greatest and the least double instead (mlflow.log_metric documents this), so those are taken for what was logged.
 */
function readValue(value: unknown, where: string): { value: number | null; nonFinite: NonFinite | null } {
  const number = numberOf(value);
  if (number === null) throw unreadable(where);
  if (Number.isNaN(number)) return { value: null, nonFinite: 'NAN' };
  if (number >= Number.MAX_VALUE) return { value: null, nonFinite: 'INFINITY' };
  if (number <= -Number.MAX_VALUE) return { value: null, nonFinite: 'NEGATIVE_INFINITY' };
  return { value: number, nonFinite: null };
}

function readMetric(metric: unknown, where: string): ImportedMetric {
  const { key, value, step = 0, timestamp } = isObject(metric) ? metric : {};
  const name = textOf(key);
  const stepNumber = numberOf(step);
  if (name === null) throw unreadable(`${where}.key`);
  if (stepNumber === null || !Number.isFinite(stepNumber)) throw unreadable(`${where}.step`);
  const recordedAtMs = numberOf(timestamp);
  return {
    name,
    ...readValue(value, `${where}.value`),
    step: stepNumber,
    // Beyond that it is no date.
    recordedAtMs: recordedAtMs !== null && Math.abs(recordedAtMs) <= 8.64e15 ? Math.trunc(recordedAtMs) : null,
  };
}

/** MLflow answers with the last of each; some stores have answered with several, of which the greatest step, and then time, is the last. */
function lastOfEach(metrics: readonly ImportedMetric[]): ImportedMetric[] {
  const last = new Map<string, ImportedMetric>();
  for (const metric of metrics) {
    const former = last.get(metric.name);
    if (!former || isLater(metric, former)) last.set(metric.name, metric);
  }
  return byName([...last.values()]);
}

const isLater = (one: ImportedMetric, other: ImportedMetric): boolean =>
  one.step === other.step ? (one.recordedAtMs ?? 0) >= (other.recordedAtMs ?? 0) : one.step > other.step;

const byName = <T extends { readonly name: string }>(items: T[]): T[] =>
  items.sort((one, other) => (one.name < other.name ? -1 : 1));

/** A list of {key, value}, both texts. */
function pairsAt(data: Record<string, unknown>, name: string): Record<string, string> {
  const pairs = listAt(data, name).map((pair, index): [string, string] => {
    const { key, value = '' } = isObject(pair) ? pair : {};
    const [first, second] = [textOf(key), textOf(value)];
    if (first === null || second === null) throw unreadable(`${name}.${index}`);
    return [first, second];
  });
  return Object.fromEntries(pairs);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectAt(value: unknown, name: string, where = name): Record<string, unknown> {
  const found = isObject(value) ? value[name] : undefined;
  if (!isObject(found)) throw unreadable(where);
  return found;
}

function listAt(value: Record<string, unknown>, name: string): unknown[] {
  const found = value[name] ?? [];
  if (!Array.isArray(found)) throw unreadable(name);
  return found;
}

/** PostgreSQL keeps neither NUL nor halves of characters; they become U+FFFD. */
const textOf = (value: unknown): string | null =>
  typeof value === 'string'
    ? value.replace(/\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD')
    : null;

/** Numbers of 64 bits may come as texts, as protocol buffers do it in JSON. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isNaN(number) && value !== 'NaN' ? null : number;
}

const unreadable = (where: string): TrackingProblem =>
  new TrackingProblem(`The answer is not that of MLflow's REST API: ${where} is missing or has another form.`);
