import type { Dtype, FeatureStatus, OnDemandFeature } from '../../../entities';
import type { CompiledOnDemandFeature } from '../definitions/on-demand-features.policy';
import type { Value } from '../expressions/expression';
import { isProblem, parseValue, toFeatureValue } from '../rows/feature-value';
import { microsOf } from '../rows/timestamp-text';
import type { OnlineFeatureValue } from './online-feature-value';

/** A feature as it was read, and its type. */
export interface ReadFeature {
  readonly dtype: Dtype;
  readonly read: OnlineFeatureValue;
}

/**
 * An on-demand feature of an entity. A null has the status of its inputs: NOT_FOUND where one was not found, else OUTSIDE_TTL where one is too old.
 * It is as old as the oldest of them.
 * @param stored the entity's features by name
 * @param at when they are asked for
 */
function onDemandValue(
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
  // No expression reads a list.
  return typed as Value;
}

/**
 * The on-demand features of an entity, in their order.
 * @param computations the same, each after those that it reads
 * @param stored features of views and request inputs by name; what is computed is added
 */
export function onDemandValues(
  features: readonly OnDemandFeature[],
  computations: readonly CompiledOnDemandFeature[],
  stored: Map<string, ReadFeature>,
  at: Date,
): OnlineFeatureValue[] {
  for (const feature of computations)
    stored.set(feature.name, { dtype: feature.dtype, read: onDemandValue(feature, stored, at) });
  return features.flatMap(({ name }) => stored.get(name)?.read ?? []);
}

const statusOfNull = (statuses: readonly FeatureStatus[]): FeatureStatus =>
  (['NOT_FOUND', 'OUTSIDE_TTL'] as const).find((status) => statuses.includes(status)) ?? 'NULL';

const oldest = (times: readonly Date[]): Date | null =>
  times.reduce<Date | null>((least, time) => (least === null || time < least ? time : least), null);
