import type { Dtype, FeatureStatus } from '../../../entities';
import type { CompiledOnDemandFeature } from '../definitions/on-demand-features.policy';
import type { Value } from '../expressions/expression';
import { isProblem, parseValue, toFeatureValue } from '../rows/feature-value';
import { microsOf } from '../rows/timestamp-text';
import type { OnlineFeatureValue } from './online-feature-value';

/** A feature as it was read, and its type. */
interface ReadFeature {
  readonly dtype: Dtype;
  readonly read: OnlineFeatureValue;
}

/**
 * An on-demand feature of an entity. A null has the status of its inputs: NOT_FOUND where one was not found, else OUTSIDE_TTL where one is too old.
 * It is as old as the oldest of them.
 * @param stored the entity's features by name
 * @param at when they are asked for
 */
export function onDemandValue(
  { name, dtype, inputs, evaluate }: CompiledOnDemandFeature,
  stored: ReadonlyMap<string, ReadFeature>,
  at: Date,
): OnlineFeatureValue {
  const features = inputs.flatMap((input) => stored.get(input) ?? []);
  const value = evaluate({ values: features.map(typedValue), requestTimestamp: microsOf(at) });
  const known = features.flatMap(({ read }) => read.eventTimestamp ?? []);
  const eventTimestamp = inputs.length === 0 ? at : oldest(known);
  return {
    name,
    value: value === null ? null : toFeatureValue(dtype, value),
    status: value === null ? statusOfNull(features.map(({ read }) => read.status)) : 'PRESENT',
    eventTimestamp,
    ageSeconds: eventTimestamp === null ? null : (at.getTime() - eventTimestamp.getTime()) / 1000,
  };
}

function typedValue({ dtype, read: { name, value } }: ReadFeature): Value {
  if (value === null) return null;
  const typed = parseValue(dtype, value);
  if (isProblem(typed)) throw new Error(`The online store has a ${name} that is not ${typed.expected}`);
  return typed;
}

const statusOfNull = (statuses: readonly FeatureStatus[]): FeatureStatus =>
  (['NOT_FOUND', 'OUTSIDE_TTL'] as const).find((status) => statuses.includes(status)) ?? 'NULL';

const oldest = (times: readonly Date[]): Date | null =>
  times.reduce<Date | null>((least, time) => (least === null || time < least ? time : least), null);
