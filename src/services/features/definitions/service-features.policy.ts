import type { JoinKey, JoinKeyMapping, ServiceFeature } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { checkName } from './feature-names.policy';
import type { ViewSchema } from './view-schema';

/** A view's part in a service. */
export interface ServiceViewInput {
  readonly view: string;
  /** null: all of them. */
  readonly fields?: readonly string[] | null;
  /** The features are then called `prefix__field`. */
  readonly prefix?: string | null;
  /** Lets a view be joined twice, for example airports as origin and as destination. */
  readonly joinKeyMap?: readonly JoinKeyMapping[] | null;
}

/** A view as a service reads it: on which keys, for which features. A view that is joined on two sets of keys is two sources. */
export interface ServiceSource {
  readonly view: ViewSchema;
  /** In the order of the view's join keys; `entityKey` is what entities and labels call it. */
  readonly joinKeys: readonly (JoinKey & { readonly entityKey: string })[];
  readonly features: readonly ServiceFeature[];
}

/**
 * The features of a service, pinned to the versions of its views.
 * @param views by name, as they are now
 * @throws InvalidInput for a field or a join key that the view does not have, and for two features of one name
 */
export function resolveServiceFeatures(
  inputs: readonly ServiceViewInput[],
  views: ReadonlyMap<string, ViewSchema>,
): ServiceFeature[] {
  const features: ServiceFeature[] = [];
  inputs.forEach((input, index) => {
    const at = ['input', 'features', String(index)];
    const view = views.get(input.view);
    if (!view) throw new InvalidInput([...at, 'view'], `there is no feature view ${JSON.stringify(input.view)}`);
    if (input.prefix != null) checkName(input.prefix, [...at, 'prefix']);
    const joinKeyMap = joinKeyMapOf(input, view, at);
    for (const feature of featuresOf(input, view, at)) {
      const twin = features.find(({ name }) => name === feature.name);
      if (twin) throw clash(feature, twin, at);
      features.push(joinKeyMap.length > 0 ? { ...feature, joinKeyMap } : feature);
    }
  });
  if (features.length === 0) throw new InvalidInput('input.features', 'name at least one view');
  const byVersion = new Map([...views.values()].map((view) => [view.viewVersionId, view]));
  checkKeys(features, serviceSources(features, byVersion));
  return features;
}

/** The mappings that change a name, in the order of the view's join keys, so that the same service is the same however it is written. */
function joinKeyMapOf(
  { joinKeyMap }: ServiceViewInput,
  { view, joinKeys }: ViewSchema,
  at: readonly string[],
): JoinKeyMapping[] {
  const entityKeys = new Map<string, string>();
  (joinKeyMap ?? []).forEach(({ joinKey, entityKey }, index) => {
    const field = [...at, 'joinKeyMap', String(index)];
    if (!joinKeys.some(({ name }) => name === joinKey)) {
      const names = joinKeys.map(({ name }) => name).join(', ');
      throw new InvalidInput(
        [...field, 'joinKey'],
        `${view} has no join key ${JSON.stringify(joinKey)}; it has ${names}`,
      );
    }
    if (entityKeys.has(joinKey)) throw new InvalidInput([...field, 'joinKey'], `${joinKey} is mapped twice`);
    checkName(entityKey, [...field, 'entityKey']);
    entityKeys.set(joinKey, entityKey);
  });
  return joinKeys.flatMap(({ name: joinKey }) => {
    const entityKey = entityKeys.get(joinKey) ?? joinKey;
    return entityKey === joinKey ? [] : [{ joinKey, entityKey }];
  });
}

/**
 * The views of a service's features, each once for every set of keys that it is joined on.
 * @param views by the ids of their versions
 */
export function serviceSources(
  features: readonly ServiceFeature[],
  views: ReadonlyMap<string, ViewSchema>,
): ServiceSource[] {
  const groups = new Map<string, ServiceFeature[]>();
  for (const feature of features) {
    const id = JSON.stringify([feature.viewVersionId, feature.joinKeyMap ?? []]);
    groups.set(id, [...(groups.get(id) ?? []), feature]);
  }
  return [...groups.values()].flatMap((group) => {
    const [{ viewVersionId, joinKeyMap = [] }] = group;
    const view = views.get(viewVersionId);
    if (!view) return [];
    const joinKeys = view.joinKeys.map((key) => {
      const mapping = joinKeyMap.find(({ joinKey }) => joinKey === key.name);
      return { ...key, entityKey: mapping?.entityKey ?? key.name };
    });
    return [{ view, joinKeys, features: group }];
  });
}

function featuresOf(input: ServiceViewInput, view: ViewSchema, at: readonly string[]): ServiceFeature[] {
  const wanted = input.fields ?? view.fields.map(({ name }) => name);
  return wanted.map((name, index) => {
    const field = view.fields.find((candidate) => candidate.name === name);
    if (!field) {
      const names = view.fields.map((candidate) => candidate.name).join(', ');
      throw new InvalidInput(
        [...at, 'fields', String(index)],
        `${view.view} has no field ${JSON.stringify(name)}; it has ${names}`,
      );
    }
    return {
      name: input.prefix == null ? name : `${input.prefix}__${name}`,
      view: view.view,
      viewVersion: view.version,
      viewVersionId: view.viewVersionId,
      field: name,
      dtype: field.dtype,
    };
  });
}

function clash(feature: ServiceFeature, twin: ServiceFeature, at: readonly string[]): InvalidInput {
  const { view, name, field } = feature;
  const [who, prefix] = view === twin.view ? [view, 'origin'] : [`${twin.view} and ${view}`, view];
  return new InvalidInput(
    [...at, 'prefix'],
    `${who} ${view === twin.view ? 'twice gives' : 'both give'} a feature ${JSON.stringify(name)}; set a prefix, for example "${prefix}", to call this one "${prefix}__${field}"`,
  );
}

/** Datasets carry entity keys and features side by side, so they must not share names; and a key has one type. */
function checkKeys(features: readonly ServiceFeature[], sources: readonly ServiceSource[]): void {
  const dtypes = new Map<string, JoinKey['dtype']>();
  for (const { view, joinKeys } of sources) {
    for (const { entityKey, dtype } of joinKeys) {
      const other = dtypes.get(entityKey) ?? dtype;
      if (other !== dtype) {
        throw new InvalidInput(
          'input.features',
          `the key ${entityKey} is ${dtype} in ${view.view} and ${other} in another view; map one of them to another name with joinKeyMap`,
        );
      }
      dtypes.set(entityKey, dtype);
    }
  }
  const same = features.find(({ name }) => dtypes.has(name));
  if (same)
    throw new InvalidInput(
      'input.features',
      `the feature ${same.name} of ${same.view} is named like a join key; set a prefix`,
    );
}

/** The keys that name an entity of all these sources, each once. */
export function entityKeysOf(sources: readonly ServiceSource[]): JoinKey[] {
  const keys = new Map(
    sources.flatMap(({ joinKeys }) =>
      joinKeys.map(({ entityKey, dtype }) => [entityKey, { name: entityKey, dtype }] as const),
    ),
  );
  return [...keys.values()];
}
