import { InvalidInput } from '../../errors';
import type { VersionMetric } from '../registry';

export interface DeclaredMetric {
  readonly name: string;
  readonly value: number;
  readonly split: string;
  readonly step?: number | null;
}

export interface DeclaredParam {
  readonly name: string;
  readonly value: string;
}

const MAX_FIGURES = 10_000;
const MAX_NAME_LENGTH = 250;
const MAX_PARAM_LENGTH = 6000;

/**
 * Metrics as they can be stored: one value for each name and split.
 * @throws InvalidInput also for NaN and infinities, which no comparison could order
 */
export function checkedMetrics(metrics: readonly DeclaredMetric[]): VersionMetric[] {
  refuseTooMany(metrics, 'metrics');
  const seen = new Set<string>();
  return metrics.map(({ name, value, split, step = null }, index) => {
    const at = (field: string) => ['input', 'metrics', String(index), field];
    checkName(name, at('name'));
    checkName(split, at('split'));
    if (!Number.isFinite(value))
      throw new InvalidInput(at('value'), 'must be finite; leave a metric out that could not be computed');
    if (step !== null && step < 0) throw new InvalidInput(at('step'), 'must not be negative');
    const key = JSON.stringify([split, name]);
    if (seen.has(key)) throw new InvalidInput(at('name'), `${name} of ${split} is there twice; give its final value`);
    seen.add(key);
    return { name, value, split, step };
  });
}

/** @throws InvalidInput */
export function checkedParams(params: readonly DeclaredParam[]): Record<string, string> {
  refuseTooMany(params, 'params');
  const checked = new Map<string, string>();
  for (const [index, { name, value }] of params.entries()) {
    const at = (field: string) => ['input', 'params', String(index), field];
    checkName(name, at('name'));
    if (value.length > MAX_PARAM_LENGTH)
      throw new InvalidInput(at('value'), `has ${value.length} characters; ${MAX_PARAM_LENGTH} are the most`);
    if (checked.has(name)) throw new InvalidInput(at('name'), `${JSON.stringify(name)} is there twice`);
    checked.set(name, value);
  }
  return Object.fromEntries(checked);
}

function refuseTooMany(figures: readonly unknown[], field: string): void {
  if (figures.length > MAX_FIGURES)
    throw new InvalidInput(`input.${field}`, `${figures.length} are too many; ${MAX_FIGURES} are the most`);
}

function checkName(name: string, field: readonly string[]): void {
  if (name === '' || name.length > MAX_NAME_LENGTH)
    throw new InvalidInput(field, `must have 1 to ${MAX_NAME_LENGTH} characters`);
}
