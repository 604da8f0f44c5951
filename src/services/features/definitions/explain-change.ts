import type { EntityManager } from 'typeorm';
import type {
  DefinitionChangeKind,
  FeatureField,
  FeatureServiceVersion,
  FeatureViewVersion,
  OnDemandFeature,
  RequestInput,
  ServiceFeature,
} from '../../../entities';
import { walkLineage } from '../../lineage';
import {
  breakWarnings,
  compareParts,
  concernedFeatures,
  concernedFields,
  type DefinitionChange,
  type Dependent,
  isBreaking,
  type PartChanges,
  type ServiceParts,
  serviceParts,
  viewParts,
} from './definition-change.policy';

interface NextView {
  readonly name: string;
  readonly version: number;
  readonly fields: readonly FeatureField[];
  readonly ttlSeconds: number | null;
}

interface NextService extends ServiceParts {
  readonly name: string;
  readonly version: number;
}

interface Candidate extends Omit<NextService, 'name'> {
  readonly id: string;
  readonly service: string;
  readonly isCurrent: boolean;
}

const NOTHING: PartChanges = { added: [], removed: [], changed: [] };
const MAX_MODEL_VERSIONS = 100;
/** From a service over a dataset and its training run to the version: further on lie the models that replaced it. */
const STEPS_TO_MODELS = 3;

/**
 * What the next definition of a view means for services and models: all of them are pinned to a version, so nothing changes under them at once.
 * @param current null for a view that is new
 * @param isSame whether nothing at all changes, metadata included
 */
export async function explainViewChange(
  manager: EntityManager,
  current: FeatureViewVersion | null,
  next: NextView,
  isSame: boolean,
): Promise<DefinitionChange> {
  const parts = current ? compareParts(viewParts(current), viewParts(next)) : NOTHING;
  const kind = kindOf(current, next, parts, isSame);
  if (kind !== 'BREAKING') return { kind, ...parts, dependents: [], warnings: beginning(kind, next) };
  const fields = concernedFields(parts);
  const dependents = await dependentsAmong(
    manager,
    await candidates(manager, 'version.features @> $1::jsonb', [JSON.stringify([{ view: next.name }])]),
    (feature) => 'view' in feature && feature.view === next.name && (fields?.includes(feature.field) ?? true),
    ({ isCurrent }) => isCurrent,
  );
  const warnings = [...breakWarnings(`${next.name} ${next.version}`, parts, dependents), ...beginning(kind, next)];
  return { kind, ...parts, dependents, warnings };
}

/** What the next definition of a service means for models. See explainViewChange. */
export async function explainServiceChange(
  manager: EntityManager,
  current: FeatureServiceVersion | null,
  next: NextService,
  isSame: boolean,
): Promise<DefinitionChange> {
  const parts = current ? compareParts(serviceParts(current), serviceParts(next)) : NOTHING;
  // Whoever reads the current version has to send these from now on.
  const asked = parts.added.filter((name) => next.requestInputs.some((input) => input.name === name));
  const kind = current && asked.length > 0 ? 'BREAKING' : kindOf(current, next, parts, isSame);
  if (!current || kind !== 'BREAKING') return { kind, ...parts, dependents: [], warnings: [] };
  const names = new Set([...parts.removed, ...parts.changed.map(({ name }) => name)]);
  const dependents = await dependentsAmong(
    manager,
    await candidates(manager, 'service.id = $1', [current.featureServiceId]),
    ({ name }) => names.has(name),
    () => false,
  );
  const subject = `${next.name} ${next.version}`;
  const warnings = [
    ...asked.map((name) => `${subject} asks for ${name} with every request.`),
    ...breakWarnings(subject, parts, dependents),
  ];
  return { kind, ...parts, dependents, warnings };
}

function kindOf(
  current: { readonly version: number } | null,
  next: { readonly version: number },
  parts: PartChanges,
  isSame: boolean,
): DefinitionChangeKind {
  if (!current) return 'CREATED';
  if (isSame) return 'NONE';
  if (current.version === next.version) return 'METADATA';
  return isBreaking(parts) ? 'BREAKING' : 'COMPATIBLE';
}

const beginning = (kind: DefinitionChangeKind, { name, version }: NextView): string[] =>
  kind === 'COMPATIBLE' || kind === 'BREAKING'
    ? [
        `${name} ${version} begins without rows. Ingest and materialize them, then apply the services that shall take it.`,
      ]
    : [];

const candidates = (manager: EntityManager, where: string, parameters: readonly string[]): Promise<Candidate[]> =>
  manager.query<Candidate[]>(
    `SELECT version.id, service.name AS service, version.version, version.version = service.current_version AS "isCurrent",
       version.features, version.on_demand_features AS "onDemandFeatures", version.request_inputs AS "requestInputs"
     FROM feature_service_versions version JOIN feature_services service ON service.id = version.feature_service_id
     WHERE ${where} ORDER BY service.name, version.version`,
    [...parameters],
  );

/** Those with features that are concerned; without models only where `counts` says so: old versions that nobody uses depend on nothing. */
async function dependentsAmong(
  manager: EntityManager,
  versions: readonly Candidate[],
  isConcerned: (part: ServiceFeature | OnDemandFeature | RequestInput) => boolean,
  counts: (candidate: Candidate) => boolean,
): Promise<Dependent[]> {
  const dependents: Dependent[] = [];
  for (const candidate of versions) {
    const features = concernedFeatures(candidate, isConcerned);
    if (features.length === 0) continue;
    const { nodes, hasNextPage } = await walkLineage(manager, {
      start: `FeatureServiceVersion:${candidate.id}`,
      direction: 'DOWNSTREAM',
      depth: STEPS_TO_MODELS,
      kinds: ['ModelVersion'],
      first: MAX_MODEL_VERSIONS,
    });
    if (nodes.length === 0 && !counts(candidate)) continue;
    const { id: featureServiceVersionId, service, version } = candidate;
    const modelVersionIds = nodes.map(({ node }) => node.slice('ModelVersion:'.length));
    const hasMoreModelVersions = hasNextPage;
    dependents.push({ featureServiceVersionId, service, version, features, modelVersionIds, hasMoreModelVersions });
  }
  return dependents;
}
