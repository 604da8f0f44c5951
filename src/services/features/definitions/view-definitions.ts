import { isDeepStrictEqual } from 'node:util';
import type { DataSource, EntityManager } from 'typeorm';
import {
  type Dtype,
  FeatureEntity,
  type FeatureField,
  type FeatureQualityRule,
  FeatureView,
  FeatureViewVersion,
} from '../../../entities';
import { InvalidInput, NotFound } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { inTransaction, type ListArgs, listPage, type Page } from '../../database';
import { type Actor, authorize } from '../../identity';
import type { JobSchedules } from '../../jobs';
import type { OfflineStore } from '../offline/offline-store';
import { checkPatterns } from '../quality/check-patterns';
import { checkedRules, type FeatureQualityRuleInput } from '../quality/quality-rules.policy';
import { checkReferences } from '../quality/reference-profiles';
import { BY_NAME } from './entity-definitions';
import type { DefinitionChange } from './definition-change.policy';
import { explainViewChange } from './explain-change';
import { checkName, checkNames } from './feature-names.policy';
import { mergeMetadata, type MetadataInput, newMetadata } from './metadata.policy';
import { changedSchedules, checkedSchedules, setSchedules, type ViewSchedulesInput } from './view-schedules';

export interface ApplyFeatureViewInput extends MetadataInput, ViewSchedulesInput {
  readonly name: string;
  /** Name of its entity. */
  readonly entity: string;
  readonly fields: readonly { readonly name: string; readonly dtype: Dtype; readonly description?: string | null }[];
  /** null: values never grow too old. */
  readonly ttlSeconds?: number | null;
  /** Absent: they stay as they are. */
  readonly qualityRules?: readonly FeatureQualityRuleInput[] | null;
}

/** A view that was applied, or would be. */
export interface AppliedView {
  /** As it is now; null where a dry run would make it. */
  readonly featureView: FeatureViewRecord | null;
  readonly change: DefinitionChange;
}

/** A view with its current version. */
export interface FeatureViewRecord extends FeatureView {
  readonly version: number;
  readonly versionId: string;
  readonly fields: readonly (FeatureField & { readonly description: string })[];
  readonly ttlSeconds: number | null;
}

const MAX_FIELDS = 1000;
/** 285 years: microseconds up to here are exact in a JavaScript number. */
const MAX_TTL_SECONDS = 9e9;

/** Groups of features that arrive together. A change of fields or TTL makes a new version, with rows of its own; metadata and rules do not. */
export class ViewDefinitions {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly audit: AuditTrail;
      readonly offline: Pick<OfflineStore, 'patternProblem'>;
      readonly schedules: JobSchedules;
    },
  ) {}

  /**
   * Makes the view what the input says; applying the same again changes nothing.
   * @throws InvalidInput, NotFound
   */
  async apply(input: ApplyFeatureViewInput, actor: Actor): Promise<FeatureViewRecord> {
    const { featureView } = await this.applyExplained(input, actor);
    if (!featureView) throw new Error(`Feature view ${input.name} vanished`);
    return featureView;
  }

  /**
   * The same, and what it means for services and models. With `dryRun` that is all that happens.
   * @throws InvalidInput, NotFound
   */
  async applyExplained(
    input: ApplyFeatureViewInput & { readonly dryRun?: boolean },
    actor: Actor,
  ): Promise<AppliedView> {
    authorize(actor, 'feature.apply');
    checkName(input.name, ['input', 'name']);
    const dryRun = input.dryRun ?? false;
    const schedules = checkedSchedules(input);
    await checkPatterns(this.deps.offline, checkedRules(input.qualityRules ?? [], input.fields));
    const { id, change } = await inTransaction(this.deps.dataSource, async (manager) => {
      const entity = await manager.findOneBy(FeatureEntity, { name: input.entity });
      if (!entity) throw new NotFound('entity', input.entity, 'Create it with applyEntity.', ['input', 'entity']);
      checkSchema(input, entity);
      const known = await lockView(manager, input.name);
      const view = known ?? (dryRun ? newView(input, entity, actor) : await this.create(manager, input, entity, actor));
      if (view.entityId !== entity.id)
        throw new InvalidInput('input.entity', 'a view keeps its entity; give a view of another entity another name');
      const changed = await this.change(manager, view, { ...input, ...schedules }, actor, dryRun);
      return { id: known || !dryRun ? view.id : null, change: changed };
    });
    return { featureView: id === null ? null : (await this.find([id]))[0], change };
  }

  async find(ids: readonly string[]): Promise<FeatureViewRecord[]> {
    return this.withVersions(await this.rows().where('view.id = ANY(:ids)', { ids }).getMany());
  }

  /** The views, as they are now, that versions belong to. */
  async findOfVersions(versionIds: readonly string[]): Promise<(FeatureViewRecord & { ofVersionId: string })[]> {
    const pairs = await this.deps.dataSource.query<{ id: string; viewId: string }[]>(
      'SELECT id, feature_view_id AS "viewId" FROM feature_view_versions WHERE id = ANY($1)',
      [versionIds],
    );
    const views = new Map((await this.find(pairs.map(({ viewId }) => viewId))).map((view) => [view.id, view]));
    return pairs.flatMap(({ id, viewId }) => {
      const view = views.get(viewId);
      return view ? [{ ...view, ofVersionId: id }] : [];
    });
  }

  async findByName(name: string): Promise<FeatureViewRecord | null> {
    return (await this.withVersions(await this.rows().where('view.name = :name', { name }).getMany()))[0] ?? null;
  }

  async list(args: ListArgs): Promise<Page<FeatureViewRecord>> {
    const page = await listPage(this.rows(), args, BY_NAME);
    return { ...page, rows: await this.withVersions(page.rows) };
  }

  private rows() {
    return this.deps.dataSource.manager.createQueryBuilder(FeatureView, 'view');
  }

  private async withVersions(views: readonly FeatureView[]): Promise<FeatureViewRecord[]> {
    const versions = await this.deps.dataSource.manager
      .createQueryBuilder(FeatureViewVersion, 'version')
      .innerJoin('feature_views', 'view', 'view.id = version.featureViewId AND view.current_version = version.version')
      .where('view.id = ANY(:ids)', { ids: views.map(({ id }) => id) })
      .getMany();
    const byView = new Map(versions.map((version) => [version.featureViewId, version]));
    return views.flatMap((view) => {
      const current = byView.get(view.id);
      if (!current) return [];
      const { id: versionId, version, ttlSeconds } = current;
      const described = current.fields.map((field) => ({
        ...field,
        description: view.fieldDescriptions[field.name] ?? '',
      }));
      return [{ ...view, versionId, version, ttlSeconds, fields: described }];
    });
  }

  private async create(
    manager: EntityManager,
    input: ApplyFeatureViewInput,
    entity: FeatureEntity,
    actor: Actor,
  ): Promise<FeatureView> {
    await manager
      .createQueryBuilder()
      .insert()
      .into(FeatureView)
      .values(newView(input, entity, actor))
      .orIgnore()
      .execute();
    // A twin that came first has made it: then this one goes on from there.
    const view = await lockView(manager, input.name);
    if (!view) throw new Error(`Feature view ${input.name} vanished`);
    return view;
  }

  private async change(
    manager: EntityManager,
    view: FeatureView,
    input: ApplyFeatureViewInput,
    actor: Actor,
    dryRun: boolean,
  ): Promise<DefinitionChange> {
    const { id: featureViewId, currentVersion: version } = view;
    // A view that a dry run would make has no id.
    const current = featureViewId ? await manager.findOneBy(FeatureViewVersion, { featureViewId, version }) : null;
    const fields = input.fields.map(({ name, dtype }) => ({ name, dtype }));
    const ttlSeconds = input.ttlSeconds ?? null;
    const sameSchema = current !== null && current.ttlSeconds === ttlSeconds && sameFields(current.fields, fields);
    const metadata = {
      ...mergeMetadata(input, view),
      fieldDescriptions: descriptionsOf(input, view),
      qualityRules: rulesOf(input, view, fields),
    };
    const { description, owner, tags, fieldDescriptions, qualityRules } = view;
    await checkReferences(manager, view.name, metadata.qualityRules, fields);
    const sameMetadata = isDeepStrictEqual(metadata, { description, owner, tags, fieldDescriptions, qualityRules });
    const schedules = await changedSchedules(manager, this.deps.schedules, view.id, input);
    const sameSchedules = Object.keys(schedules).length === 0;
    const currentVersion = sameSchema ? view.currentVersion : view.currentVersion + 1;
    const next = { name: view.name, version: currentVersion, fields, ttlSeconds };
    const change = await explainViewChange(manager, current, next, sameSchema && sameMetadata && sameSchedules);
    if (dryRun || change.kind === 'NONE') return change;

    if (!sameSchema)
      await manager.insert(FeatureViewVersion, { featureViewId: view.id, version: currentVersion, fields, ttlSeconds });
    await manager.update(
      FeatureView,
      { id: view.id },
      { ...metadata, currentVersion, revision: view.revision + 1, updatedAt: () => 'now()' },
    );
    await setSchedules(manager, this.deps.schedules, view.id, schedules);
    await this.deps.audit.append(manager, {
      modelId: null,
      actor,
      action: 'feature.applyView',
      subject: `FeatureView:${view.id}`,
      details: { name: view.name, version: currentVersion, fields, ttlSeconds, ...metadata, ...schedules },
    });
    return change;
  }
}

const lockView = (manager: EntityManager, name: string): Promise<FeatureView | null> =>
  manager.findOne(FeatureView, { where: { name }, lock: { mode: 'pessimistic_write' } });

const newView = (input: ApplyFeatureViewInput, entity: FeatureEntity, actor: Actor): FeatureView =>
  Object.assign(new FeatureView(), {
    name: input.name,
    entityId: entity.id,
    currentVersion: 0,
    revision: 0,
    fieldDescriptions: {},
    qualityRules: [],
    ...newMetadata(actor.name),
  });

/** @throws InvalidInput */
function checkSchema(input: ApplyFeatureViewInput, entity: FeatureEntity): void {
  const at = ['input', 'fields'];
  if (input.fields.length < 1 || input.fields.length > MAX_FIELDS)
    throw new InvalidInput(at, `a view has 1 to ${MAX_FIELDS} fields`);
  checkNames(
    input.fields.map(({ name }) => name),
    at,
  );
  input.fields.forEach(({ name }, index) => {
    if (entity.joinKeys.some((key) => key.name === name))
      throw new InvalidInput(
        [...at, String(index), 'name'],
        `${name} is a join key of ${entity.name}, which every row has`,
      );
  });
  const { ttlSeconds } = input;
  if (ttlSeconds != null && !(ttlSeconds >= 1e-6 && ttlSeconds <= MAX_TTL_SECONDS))
    throw new InvalidInput(
      'input.ttlSeconds',
      `must lie within .000001 and ${MAX_TTL_SECONDS}; leave it out for no limit`,
    );
}

/** The order of fields is no part of a schema. */
function sameFields(a: readonly FeatureField[], b: readonly FeatureField[]): boolean {
  const sorted = (fields: readonly FeatureField[]) => fields.map(({ name, dtype }) => `${name} ${dtype}`).sort();
  return isDeepStrictEqual(sorted(a), sorted(b));
}

function descriptionsOf(input: ApplyFeatureViewInput, view: FeatureView): Record<string, string> {
  return Object.fromEntries(
    input.fields
      .map(({ name, description }) => [name, description ?? view.fieldDescriptions[name] ?? ''] as const)
      .filter(([, description]) => description !== ''),
  );
}

/** Rules that were kept must fit the fields as they are now. */
function rulesOf(
  input: ApplyFeatureViewInput,
  view: FeatureView,
  fields: readonly FeatureField[],
): FeatureQualityRule[] {
  return checkedRules(input.qualityRules ?? view.qualityRules, fields);
}
