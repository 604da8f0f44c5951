import type { ModelOrderField, ModelVersionOrderField, SortDirection } from '../../../entities';
import { InvalidInput } from '../../../errors';
import type { SortKey } from '../../database';
import { HELD_OUT } from '../version.service';
import { checkedText } from './sql-conditions';

export interface ModelOrder {
  readonly field: ModelOrderField;
  readonly direction?: SortDirection | null;
}

export interface ModelVersionOrder {
  readonly field: ModelVersionOrderField;
  /** For METRIC: its name. */
  readonly metric?: string | null;
  /** For METRIC: which rows it was measured on; the held-out ones where it is absent. */
  readonly split?: string | null;
  readonly direction?: SortDirection | null;
}

/** A metric by which versions are ordered, and the alias under which it is joined to them. */
export interface OrderMetric {
  readonly alias: string;
  readonly name: string;
  readonly split: string;
}

export interface VersionOrder {
  readonly keys: readonly SortKey[];
  readonly metrics: readonly OrderMetric[];
}

const LONGEST_ORDER = 5;

const MODEL_COLUMNS: Readonly<Record<ModelOrderField, string>> = {
  NAME: 'model.name',
  CREATED_AT: 'model.createdAt',
  UPDATED_AT: 'model.updatedAt',
};
const VERSION_COLUMNS: Readonly<Record<Exclude<ModelVersionOrderField, 'METRIC'>, string>> = {
  NAME: 'model.name',
  CREATED_AT: 'version.createdAt',
  UPDATED_AT: 'version.updatedAt',
  VERSION: 'version.version',
};

/** @throws InvalidInput for a field that stands twice */
export function modelOrder(order: readonly ModelOrder[]): SortKey[] {
  checkOrder(order.map(({ field }) => field));
  const keys = order.map(({ field, direction }) => ({ by: MODEL_COLUMNS[field], direction: direction ?? 'ASC' }));
  return withTies(keys, [{ by: 'model.name', direction: 'ASC' }]);
}

/**
 * The order that is asked for; where it leaves a tie, by name and then the higher number first.
 * @throws InvalidInput for a field or metric that stands twice, and where METRIC and the name of a metric do not go together
 */
export function versionOrder(order: readonly ModelVersionOrder[]): VersionOrder {
  const metrics: OrderMetric[] = [];
  checkOrder(
    order.map(({ field, metric, split }) => (field === 'METRIC' ? `METRIC ${metric} of ${split ?? HELD_OUT}` : field)),
  );
  const keys = order.map(({ field, metric, split, direction }, index) => {
    if ((field === 'METRIC') !== (metric != null))
      throw new InvalidInput(['orderBy', String(index), 'metric'], 'give it with the field METRIC, and only then');
    if (field !== 'METRIC') return { by: VERSION_COLUMNS[field], direction: direction ?? ('ASC' as const) };
    const alias = `metric${metrics.length}`;
    const at = ['orderBy', String(index)];
    metrics.push({
      alias,
      name: checkedText(metric ?? '', [...at, 'metric']),
      split: checkedText(split ?? HELD_OUT, [...at, 'split']),
    });
    return { by: `${alias}.value`, direction: direction ?? ('ASC' as const) };
  });
  const ties: SortKey[] = [
    { by: 'model.name', direction: 'ASC' },
    { by: 'version.version', direction: 'DESC' },
  ];
  return { keys: withTies(keys, ties), metrics };
}

const withTies = (keys: readonly SortKey[], ties: readonly SortKey[]): SortKey[] => [
  ...keys,
  ...ties.filter(({ by }) => keys.every((key) => key.by !== by)),
];

function checkOrder(names: readonly string[]): void {
  if (names.length > LONGEST_ORDER)
    throw new InvalidInput('orderBy', `${names.length} fields are too many to order by; give at most ${LONGEST_ORDER}`);
  names.forEach((name, index) => {
    if (names.indexOf(name) < index)
      throw new InvalidInput(['orderBy', String(index), 'field'], `${name} stands twice; leave the second one out`);
  });
}
