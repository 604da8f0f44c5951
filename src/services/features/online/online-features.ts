import type { JoinKey } from '../../../entities';
import { InvalidInput } from '../../../errors';
import type { ServiceDefinitions, ServiceSchema } from '../definitions/service-definitions';
import type { ServiceSource } from '../definitions/service-features.policy';
import { parseEntityKey } from '../rows/entity-key';
import type { FeatureRowInput } from '../rows/feature-value';
import { onDemandValues, type ReadFeature } from './on-demand-values';
import type { OnlineFeatureValue } from './online-feature-value';
import type { OnlineHit, OnlineKey, OnlineStore } from './online-store';
import { readRequestInputs } from './request-inputs';

export interface OnlineFeatureRow {
  readonly entity: FeatureRowInput;
  /** Whether any view has something of the entity, be it too old. */
  readonly isKnown: boolean;
  /** The features of views, then the on-demand ones. */
  readonly values: readonly OnlineFeatureValue[];
}

/** Where a feature of the service is found among the sources, and in the view of the one. */
interface Place {
  readonly name: string;
  readonly source: number;
  readonly field: number;
}

const MAX_ENTITIES = 1000;

/** Reads the features of a service as they are now: what predictions are made of. */
export class OnlineFeatures {
  constructor(private readonly deps: { readonly services: ServiceDefinitions; readonly store: OnlineStore }) {}

  /**
   * Each entity by itself: one that lacks a join key or a request input gets the error instead of features.
   * @param pathOf where an entity stands in the request, for errors
   * @param requestInputs what else the request knows of each entity; shorter where it knows nothing
   * @throws NotFound
   */
  async read(
    serviceVersionId: string,
    entities: readonly FeatureRowInput[],
    pathOf: (index: number) => readonly string[],
    requestInputs: readonly (FeatureRowInput | null)[] = [],
  ): Promise<(OnlineFeatureRow | InvalidInput)[]> {
    return this.readSchema(await this.deps.services.schema(serviceVersionId), entities, pathOf, requestInputs);
  }

  /** By the name of a service, in its current version; all entities or none. @throws InvalidInput, NotFound */
  async readByName(
    service: string,
    entities: readonly FeatureRowInput[],
    requestInputs?: readonly FeatureRowInput[] | null,
  ): Promise<OnlineFeatureRow[]> {
    checkRequestInputCount(entities, requestInputs, ['requestInputs']);
    const schema = await this.deps.services.schemaByName(service, null, ['featureService']);
    const rows = await this.readSchema(schema, entities, (index) => ['entities', String(index)], requestInputs ?? []);
    return rows.map((row) => {
      if (row instanceof InvalidInput) throw row;
      return row;
    });
  }

  private async readSchema(
    schema: ServiceSchema,
    entities: readonly FeatureRowInput[],
    pathOf: (index: number) => readonly string[],
    requestInputs: readonly (FeatureRowInput | null)[],
  ): Promise<(OnlineFeatureRow | InvalidInput)[]> {
    if (entities.length < 1 || entities.length > MAX_ENTITIES)
      throw new InvalidInput('entities', `expected 1 to ${MAX_ENTITIES} entities, not ${entities.length}`);
    const { sources } = schema;
    const places = schema.features.map((feature): Place => {
      const source = sources.findIndex(({ features }) => features.includes(feature));
      const { fields } = sources[source].view;
      return { name: feature.name, source, field: fields.findIndex(({ name }) => name === feature.field) };
    });
    const wanted = wantedRows(sources);
    const asked = entities.map((entity, index) =>
      orInvalid(() => ({
        keys: onlineKeys(wanted, entity, pathOf(index)),
        given: readRequestInputs(schema.requestInputs, requestInputs[index], () => besideEntity(pathOf(index))),
      })),
    );
    const at = new Date();
    // One statement for all sources and entities.
    const hits = await this.deps.store.read(
      asked.flatMap((one) => (one instanceof InvalidInput ? [] : one.keys)),
      at,
    );
    let start = 0;
    return asked.map((one, index) => {
      if (one instanceof InvalidInput) return one;
      const ofSources = hits.slice(start, start + one.keys.length);
      start += one.keys.length;
      const stored = places.map(({ name, source, field }) => toValue(name, field, ofSources[source], at));
      return {
        entity: Object.fromEntries(schema.joinKeys.map(({ name }) => [name, entities[index][name]])),
        isKnown: ofSources.some((hit) => hit !== null),
        values: [...stored, ...computed(schema, stored, one.given, at)],
      };
    });
  }
}

/** A view, and what entities call its join keys; equal lists of names are one. */
interface WantedRow {
  readonly view: ServiceSource['view'];
  readonly names: readonly JoinKey[];
}

function wantedRows(sources: readonly ServiceSource[]): WantedRow[] {
  const lists = new Map<string, readonly JoinKey[]>();
  return sources.map(({ view, joinKeys }) => {
    const names = joinKeys.map(({ entityKey, dtype }) => ({ name: entityKey, dtype }));
    const id = JSON.stringify(names);
    if (!lists.has(id)) lists.set(id, names);
    return { view, names: lists.get(id) ?? names };
  });
}

/** Where the entity's row of each source is found. @throws InvalidInput when it lacks a join key */
function onlineKeys(wanted: readonly WantedRow[], entity: FeatureRowInput, path: readonly string[]): OnlineKey[] {
  // Most views of a service have the same keys. With a text for each, 100 entities came at .51 of the bare driver's speed, with one at .55.
  const texts = new Map<readonly JoinKey[], string>();
  return wanted.map(({ view, names }) => {
    const entityKey = texts.get(names) ?? parseEntityKey(names, entity, path);
    texts.set(names, entityKey);
    return { view, entityKey };
  });
}

/** @param path of the whole list in the request @throws InvalidInput unless there is one for each entity, or none at all */
export function checkRequestInputCount(
  entities: readonly unknown[],
  requestInputs: readonly unknown[] | null | undefined,
  path: readonly string[],
): void {
  if (requestInputs != null && requestInputs.length !== entities.length)
    throw new InvalidInput(
      path,
      `${requestInputs.length} of them for ${entities.length} entities; give one for each, in their order`,
    );
}

/** Request inputs stand beside their entity: input.requestInputs.3 beside input.entities.3. */
const besideEntity = (path: readonly string[]): string[] =>
  path.map((part) => (part === 'entity' || part === 'entities' ? 'requestInputs' : part));

/** One bad entity is answered with its error; the others are not touched by it. */
function orInvalid<T>(read: () => T): T | InvalidInput {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}

function computed(
  { features, onDemandFeatures, computations }: ServiceSchema,
  stored: readonly OnlineFeatureValue[],
  given: (at: Date) => [string, ReadFeature][],
  at: Date,
): OnlineFeatureValue[] {
  if (onDemandFeatures.length === 0) return [];
  const read = features.map(({ name, dtype }, place) => [name, { dtype, read: stored[place] }] as const);
  return onDemandValues(onDemandFeatures, computations, new Map([...read, ...given(at)]), at);
}

function toValue(name: string, field: number, hit: OnlineHit | null, at: Date): OnlineFeatureValue {
  if (!hit) return { name, value: null, status: 'NOT_FOUND', eventTimestamp: null, ageSeconds: null };
  const { eventTimestamp } = hit;
  const ageSeconds = (at.getTime() - eventTimestamp.getTime()) / 1000;
  if (!hit.withinTtl) return { name, value: null, status: 'OUTSIDE_TTL', eventTimestamp, ageSeconds };
  const value = hit.values[field] ?? null;
  return { name, value, status: value === null ? 'NULL' : 'PRESENT', eventTimestamp, ageSeconds };
}
