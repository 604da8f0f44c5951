import type {
  DefinitionChangeKind,
  FeatureField,
  OnDemandFeature,
  RequestInput,
  ServiceFeature,
} from '../../../entities';

/** A part of a definition that has another type or meaning, in words. */
export interface ChangedPart {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Fields of a view or features of a service, by their names. */
export interface PartChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ChangedPart[];
}

/** A version of a feature service that takes what is concerned. */
export interface Dependent {
  readonly featureServiceVersionId: string;
  readonly service: string;
  readonly version: number;
  /** Its features that are concerned, those computed from them included. */
  readonly features: readonly string[];
  /** Made with it, by lineage; the first 100. */
  readonly modelVersionIds: readonly string[];
  readonly hasMoreModelVersions: boolean;
}

/** What applying a definition means for those who use it. */
export interface DefinitionChange extends PartChanges {
  readonly kind: DefinitionChangeKind;
  readonly dependents: readonly Dependent[];
  readonly warnings: readonly string[];
}

interface ViewParts {
  readonly fields: readonly FeatureField[];
  readonly ttlSeconds: number | null;
}

export interface ServiceParts {
  readonly features: readonly ServiceFeature[];
  readonly onDemandFeatures: readonly OnDemandFeature[];
  readonly requestInputs: readonly RequestInput[];
}

/** No name of a field can be this: they have no capital letters. */
const TTL = 'ttlSeconds';

/** What differs, by name. */
export function compareParts(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): PartChanges {
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: [...before].flatMap(([name, text]) => {
      const now = after.get(name) ?? text;
      return now === text ? [] : [{ name, before: text, after: now }];
    }),
  };
}

/** Fields with their types, and the TTL. */
export const viewParts = ({ fields, ttlSeconds }: ViewParts): Map<string, string> =>
  new Map([
    ...fields.map(({ name, dtype }) => [name, dtype] as const),
    [TTL, ttlSeconds === null ? 'none' : String(ttlSeconds)],
  ]);

/** Features with their types and where they come from. The version of a view is no part of it: what it may break was said when it was made. */
export const serviceParts = ({ features, onDemandFeatures, requestInputs }: ServiceParts): Map<string, string> =>
  new Map([
    ...features.map(({ name, dtype, view, field, joinKeyMap = [] }) => {
      const keys = joinKeyMap.map(({ joinKey, entityKey }) => `${joinKey} = ${entityKey}`).join(', ');
      return [name, `${dtype} ${view}.${field}${keys && ` on ${keys}`}`] as const;
    }),
    ...onDemandFeatures.map(({ name, dtype, expression }) => [name, `${dtype} ${expression}`] as const),
    ...requestInputs.map(({ name, dtype }) => [name, `${dtype} given with requests`] as const),
  ]);

/**
 * What was served before must be served still, and mean the same: a part that is gone or changed is a break. Of TTLs only a shorter one is: with it,
 * values that were PRESENT become OUTSIDE_TTL.
 */
export function isBreaking({ removed, changed }: PartChanges): boolean {
  return removed.length > 0 || changed.some((part) => part.name !== TTL || isShorter(part));
}

/** Which fields of a view a break is about; null: all of them. */
export function concernedFields({ removed, changed }: PartChanges): readonly string[] | null {
  return changed.some(({ name }) => name === TTL) ? null : [...removed, ...changed.map(({ name }) => name)];
}

/** The names of a service's features that are concerned, and of those that are computed from them. */
export function concernedFeatures(
  { features, onDemandFeatures, requestInputs }: ServiceParts,
  isConcerned: (part: ServiceFeature | OnDemandFeature | RequestInput) => boolean,
): string[] {
  const all = [...features, ...onDemandFeatures, ...requestInputs];
  const names = new Set(all.filter(isConcerned).map(({ name }) => name));
  // Computed features may read one another in any order, so it goes on until no more are found.
  for (let before = -1; before < names.size;) {
    before = names.size;
    for (const { name, inputs } of onDemandFeatures) if (inputs.some((input) => names.has(input))) names.add(name);
  }
  return all.map(({ name }) => name).filter((name) => names.has(name));
}

/** What a break means, in sentences. @param subject the view or service with its next version */
export function breakWarnings(subject: string, parts: PartChanges, dependents: readonly Dependent[]): string[] {
  return [
    ...parts.removed.map((name) => `${subject} no longer has ${name}.`),
    ...parts.changed
      .filter((part) => part.name !== TTL || isShorter(part))
      .map(({ name, before, after }) => `${name} of ${subject} is ${after} instead of ${before}.`),
    ...dependents.map(({ service, version, features, modelVersionIds, hasMoreModelVersions }) => {
      const count = modelVersionIds.length;
      const made = `${count === 0 ? 'no' : count}${hasMoreModelVersions ? ' and more' : ''} model ${count === 1 ? 'version was' : 'versions were'}`;
      return `${service} ${version} keeps ${features.join(', ')} as it was; ${made} made with it.`;
    }),
  ];
}

function isShorter({ before, after }: ChangedPart): boolean {
  const seconds = (text: string) => (text === 'none' ? Infinity : Number(text));
  return seconds(after) < seconds(before);
}
