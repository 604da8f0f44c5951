import { isDeepStrictEqual } from 'node:util';
import type { DataSource, EntityManager } from 'typeorm';
import {
  FeatureService,
  FeatureServiceVersion,
  type JoinKey,
  type OnDemandFeature,
  type RequestInput,
  type ServiceFeature,
} from '../../../entities';
import { NotFound } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { inTransaction } from '../../database';
import { type Actor, authorize } from '../../identity';
import { recordLineage } from '../../lineage';
import type { DefinitionChange } from './definition-change.policy';
import { explainServiceChange } from './explain-change';
import { checkName } from './feature-names.policy';
import { mergeMetadata, type MetadataInput, newMetadata } from './metadata.policy';
import {
  type CompiledOnDemandFeature,
  compileOnDemandFeatures,
  onDemandDescriptions,
  type OnDemandFeatureInput,
  type RequestInputInput,
  resolveOnDemandParts,
} from './on-demand-features.policy';
import {
  entityKeysOf,
  resolveServiceFeatures,
  type ServiceSource,
  serviceSources,
  type ServiceViewInput,
} from './service-features.policy';
import { currentSchemas, schemasOfVersions, type ViewSchema } from './view-schema';

export interface ApplyFeatureServiceInput extends MetadataInput {
  readonly name: string;
  readonly features: readonly ServiceViewInput[];
  /** Absent or null: none. */
  readonly onDemandFeatures?: readonly OnDemandFeatureInput[] | null;
  /** Absent or null: none. */
  readonly requestInputs?: readonly RequestInputInput[] | null;
}

/** A service that was applied, or would be. */
export interface AppliedService {
  /** As it is now; null where a dry run would make it. */
  readonly featureService: FeatureServiceRecord | null;
  readonly change: DefinitionChange;
}

/** A service with its current version. */
export interface FeatureServiceRecord extends FeatureService {
  readonly version: number;
  readonly versionId: string;
  readonly features: readonly ServiceFeature[];
  readonly onDemandFeatures: readonly OnDemandFeature[];
  readonly requestInputs: readonly RequestInput[];
}

/** One version of a service with all that reading its features takes. It never changes. */
export interface ServiceSchema {
  readonly versionId: string;
  readonly service: string;
  readonly version: number;
  readonly features: readonly ServiceFeature[];
  /** What models take behind the features. */
  readonly onDemandFeatures: readonly OnDemandFeature[];
  /** The same in an order in which each comes after those that it reads. */
  readonly computations: readonly CompiledOnDemandFeature[];
  readonly requestInputs: readonly RequestInput[];
  /** By the ids of their versions. */
  readonly views: ReadonlyMap<string, ViewSchema>;
  readonly sources: readonly ServiceSource[];
  /** What names an entity of all its sources. */
  readonly joinKeys: readonly JoinKey[];
}

interface ResolvedService {
  readonly features: ServiceFeature[];
  readonly onDemandFeatures: OnDemandFeature[];
  readonly requestInputs: RequestInput[];
  readonly views: ReadonlyMap<string, ViewSchema>;
}

/** The features that a model uses, pinned to versions of views. A change makes a new version; models keep theirs. */
export class ServiceDefinitions {
  private readonly schemas = new Map<string, Promise<ServiceSchema>>();

  constructor(private readonly deps: { readonly dataSource: DataSource; readonly audit: AuditTrail }) {}

  /**
   * Makes the service what the input says, with the views as they are now; applying the same again changes nothing.
   * @throws InvalidInput, ExpressionInvalid
   */
  async apply(input: ApplyFeatureServiceInput, actor: Actor): Promise<FeatureServiceRecord> {
    const { featureService } = await this.applyExplained(input, actor);
    if (!featureService) throw new Error(`Feature service ${input.name} vanished`);
    return featureService;
  }

  /**
   * The same, and what it means for models. With `dryRun` that is all that happens.
   * @throws InvalidInput, ExpressionInvalid
   */
  async applyExplained(
    input: ApplyFeatureServiceInput & { readonly dryRun?: boolean },
    actor: Actor,
  ): Promise<AppliedService> {
    authorize(actor, 'feature.apply');
    checkName(input.name, ['input', 'name']);
    const dryRun = input.dryRun ?? false;
    const { id, change } = await inTransaction(this.deps.dataSource, async (manager) => {
      const views = await currentSchemas(
        manager,
        input.features.map(({ view }) => view),
      );
      const features = resolveServiceFeatures(input.features, views);
      const byVersion = new Map([...views.values()].map((view) => [view.viewVersionId, view]));
      const joinKeys = entityKeysOf(serviceSources(features, byVersion));
      const onDemand = resolveOnDemandParts(
        input.onDemandFeatures ?? [],
        input.requestInputs ?? [],
        features,
        joinKeys,
      );
      const known = await lockService(manager, input.name);
      const service = known ?? (dryRun ? newService(input.name, actor) : await this.create(manager, input.name, actor));
      const change = await this.change(manager, service, input, { features, ...onDemand, views }, actor, dryRun);
      return { id: known || !dryRun ? service.id : null, change };
    });
    return { featureService: id === null ? null : (await this.find([id]))[0], change };
  }

  async find(ids: readonly string[]): Promise<FeatureServiceRecord[]> {
    return this.withVersions(await this.rows().where('service.id = ANY(:ids)', { ids }).getMany());
  }

  async findByName(name: string): Promise<FeatureServiceRecord | null> {
    return (await this.withVersions(await this.rows().where('service.name = :name', { name }).getMany()))[0] ?? null;
  }

  findVersions(ids: readonly string[]): Promise<FeatureServiceVersion[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(FeatureServiceVersion, 'version')
      .where('version.id = ANY(:ids)', { ids })
      .getMany();
  }

  /** A version with its views; kept in memory, since it never changes. @throws NotFound */
  schema(versionId: string): Promise<ServiceSchema> {
    const known = this.schemas.get(versionId);
    if (known) return known;
    const loading = this.loadSchema(versionId);
    this.schemas.set(versionId, loading);
    loading.catch(() => this.schemas.delete(versionId));
    return loading;
  }

  /**
   * The version of a service by name.
   * @param version null: the current one
   * @throws NotFound
   */
  async schemaByName(name: string, version: number | null, field: readonly string[]): Promise<ServiceSchema> {
    const [row] = await this.deps.dataSource.query<{ id: string }[]>(
      `SELECT version.id FROM feature_services service JOIN feature_service_versions version ON version.feature_service_id = service.id
       WHERE service.name = $1 AND version.version = coalesce($2, service.current_version)`,
      [name, version],
    );
    if (!row) throw new NotFound('feature service', name, 'Create it with applyFeatureService.', field);
    return this.schema(row.id);
  }

  private rows() {
    return this.deps.dataSource.manager.createQueryBuilder(FeatureService, 'service');
  }

  private async loadSchema(versionId: string): Promise<ServiceSchema> {
    const [version] = await this.findVersions([versionId]);
    if (!version) throw new NotFound('feature service version', versionId);
    const [service] = await this.rows().where('service.id = :id', { id: version.featureServiceId }).getMany();
    const ids = [...new Set(version.features.map(({ viewVersionId }) => viewVersionId))];
    const views = await schemasOfVersions(this.deps.dataSource, ids);
    const { features, onDemandFeatures, requestInputs } = version;
    const sources = serviceSources(features, views);
    return {
      versionId,
      service: service.name,
      version: version.version,
      features,
      onDemandFeatures,
      computations: compileOnDemandFeatures(onDemandFeatures, [...features, ...requestInputs]),
      requestInputs,
      views,
      sources,
      joinKeys: entityKeysOf(sources),
    };
  }

  private async withVersions(services: readonly FeatureService[]): Promise<FeatureServiceRecord[]> {
    const versions = await this.deps.dataSource.manager
      .createQueryBuilder(FeatureServiceVersion, 'version')
      .innerJoin(
        'feature_services',
        'service',
        'service.id = version.featureServiceId AND service.current_version = version.version',
      )
      .where('service.id = ANY(:ids)', { ids: services.map(({ id }) => id) })
      .getMany();
    const byService = new Map(versions.map((version) => [version.featureServiceId, version]));
    return services.flatMap((service) => {
      const current = byService.get(service.id);
      if (!current) return [];
      const { id: versionId, version, features, onDemandFeatures, requestInputs } = current;
      return [{ ...service, versionId, version, features, onDemandFeatures, requestInputs }];
    });
  }

  private async create(manager: EntityManager, name: string, actor: Actor): Promise<FeatureService> {
    const values = newService(name, actor);
    await manager.createQueryBuilder().insert().into(FeatureService).values(values).orIgnore().execute();
    const service = await lockService(manager, name);
    if (!service) throw new Error(`Feature service ${name} vanished`);
    return service;
  }

  private async change(
    manager: EntityManager,
    service: FeatureService,
    input: ApplyFeatureServiceInput,
    { features, onDemandFeatures, requestInputs, views }: ResolvedService,
    actor: Actor,
    dryRun: boolean,
  ): Promise<DefinitionChange> {
    const key = { featureServiceId: service.id, version: service.currentVersion };
    const current = service.id ? await manager.findOneBy(FeatureServiceVersion, key) : null;
    const sameFeatures =
      current !== null &&
      isDeepStrictEqual(current.features, features) &&
      isDeepStrictEqual(current.onDemandFeatures, onDemandFeatures) &&
      isDeepStrictEqual(current.requestInputs, requestInputs);
    const described = [...(input.onDemandFeatures ?? []), ...(input.requestInputs ?? [])];
    const descriptions = onDemandDescriptions(described, service.onDemandDescriptions);
    const metadata = { ...mergeMetadata(input, service), onDemandDescriptions: descriptions };
    const { description, owner, tags } = service;
    const formerMetadata = { description, owner, tags, onDemandDescriptions: service.onDemandDescriptions };
    const version = sameFeatures ? service.currentVersion : service.currentVersion + 1;
    const next = { name: service.name, version, features, onDemandFeatures, requestInputs };
    const isSame = sameFeatures && isDeepStrictEqual(metadata, formerMetadata);
    const change = await explainServiceChange(manager, current, next, isSame);
    if (dryRun || change.kind === 'NONE') return change;

    if (!sameFeatures) {
      const { identifiers } = await manager.insert(FeatureServiceVersion, {
        ...key,
        version,
        features,
        onDemandFeatures,
        requestInputs,
      });
      const sources = [...views.values()].map(({ viewId }) => `FeatureView:${viewId}`);
      await recordLineage(manager, sources, `FeatureServiceVersion:${String(identifiers[0].id)}`);
    }
    await manager.update(
      FeatureService,
      { id: service.id },
      { ...metadata, currentVersion: version, revision: service.revision + 1, updatedAt: () => 'now()' },
    );
    await this.deps.audit.append(manager, {
      modelId: null,
      actor,
      action: 'feature.applyService',
      subject: `FeatureService:${service.id}`,
      details: { name: service.name, version, features, onDemandFeatures, requestInputs, ...metadata },
    });
    return change;
  }
}

const lockService = (manager: EntityManager, name: string): Promise<FeatureService | null> =>
  manager.findOne(FeatureService, { where: { name }, lock: { mode: 'pessimistic_write' } });

const newService = (name: string, actor: Actor): FeatureService =>
  Object.assign(new FeatureService(), {
    name,
    currentVersion: 0,
    revision: 0,
    onDemandDescriptions: {},
    ...newMetadata(actor.name),
  });
