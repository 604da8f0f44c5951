import type { JoinKey, ServiceFeature } from '../../../entities';
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
}

/**
 * The features of a service, pinned to the versions of its views.
 * @param views by name, as they are now
 * @throws InvalidInput for a field that the view does not have, and for two features of one name
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
    for (const feature of featuresOf(input, view, at)) {
      const twin = features.find(({ name }) => name === feature.name);
      if (twin) throw clash(feature, twin, at);
      features.push(feature);
    }
  });
  if (features.length === 0) throw new InvalidInput('input.features', 'name at least one view');
  checkAgainstJoinKeys(features, views);
  return features;
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

const clash = (feature: ServiceFeature, twin: ServiceFeature, at: readonly string[]): InvalidInput =>
  new InvalidInput(
    [...at, 'prefix'],
    `${twin.view} and ${feature.view} both give a feature ${JSON.stringify(feature.name)}; set a prefix, for example "${feature.view}", to call this one "${feature.view}__${feature.field}"`,
  );

/** Datasets carry join keys and features side by side, so they must not share names. */
function checkAgainstJoinKeys(features: readonly ServiceFeature[], views: ReadonlyMap<string, ViewSchema>): void {
  const keys = new Set([...views.values()].flatMap(({ joinKeys }) => joinKeys.map(({ name }) => name)));
  const same = features.find(({ name }) => keys.has(name));
  if (same)
    throw new InvalidInput(
      'input.features',
      `the feature ${same.name} of ${same.view} is named like a join key; set a prefix`,
    );
}

/** The join keys that name an entity of all these views, each once. */
export function joinKeysOf(views: readonly ViewSchema[]): JoinKey[] {
  const keys = new Map(views.flatMap(({ joinKeys }) => joinKeys.map((key) => [key.name, key] as const)));
  return [...keys.values()];
}
