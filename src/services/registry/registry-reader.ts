import type { DataSource, EntityTarget, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import {
  Artifact,
  Model,
  ModelAlias,
  ModelExperiment,
  ModelSubmission,
  ModelTransition,
  ModelVersion,
  ModelVersionMetric,
  ModelVersionParam,
  TransitionRequest,
  type TransitionRequestStatus,
  TransitionVote,
} from '../../entities';
import { InvalidInput, NotFound } from '../../errors';
import { firstPages, type KeysetOrder, type ListArgs, listPage, type Page } from '../database';
import {
  compareLineage,
  compareMetrics,
  compareParams,
  compareSignatures,
  type InputComparison,
  type LineageComparison,
  type MetricComparison,
  type ParamComparison,
} from './version-comparison';

export interface VersionComparison {
  readonly versions: readonly ModelVersion[];
  /** Which of them deltas are against. */
  readonly baselineIndex: number;
  readonly metrics: readonly MetricComparison[];
  readonly params: readonly ParamComparison[];
  readonly signature: readonly InputComparison[];
  readonly lineage: readonly LineageComparison[];
}

const MOST_COMPARED = 20;

const BY_NAME: KeysetOrder = { by: ['name'], direction: 'ASC' };
const DELETED_LAST_FIRST: KeysetOrder = { by: ['deletedAt', 'id'], direction: 'DESC' };
const LAST_FIRST: KeysetOrder = { by: ['sequence'], direction: 'DESC' };
const HIGHEST_FIRST: KeysetOrder = { by: ['version'], direction: 'DESC' };

/** Reads the registry: batches for loaders, pages for lists. Every method is one statement, whatever the number of rows. */
export class RegistryReader {
  constructor(private readonly deps: { readonly dataSource: DataSource }) {}

  models = (ids: readonly string[]): Promise<Model[]> => this.where(Model, 'id', ids).getMany();
  versions = (ids: readonly string[]): Promise<ModelVersion[]> => this.where(ModelVersion, 'id', ids).getMany();
  /** Those that are not deleted, nor their models: what rows refer to is found by the methods above all the same. */
  liveModels = (ids: readonly string[]): Promise<Model[]> =>
    this.where(Model, 'id', ids).andWhere('row.deletedAt IS NULL').getMany();
  liveVersions = (ids: readonly string[]): Promise<ModelVersion[]> =>
    this.where(ModelVersion, 'id', ids)
      .innerJoin(Model, 'model', 'model.id = row.modelId AND model.deletedAt IS NULL')
      .andWhere('row.deletedAt IS NULL')
      .getMany();
  submissions = (ids: readonly string[]): Promise<ModelSubmission[]> =>
    this.where(ModelSubmission, 'id', ids).getMany();
  transitions = (ids: readonly string[]): Promise<ModelTransition[]> =>
    this.where(ModelTransition, 'id', ids).getMany();
  experiments = (ids: readonly string[]): Promise<ModelExperiment[]> =>
    this.where(ModelExperiment, 'id', ids).getMany();
  artifacts = (digests: readonly string[]): Promise<Artifact[]> => this.where(Artifact, 'digest', digests).getMany();

  versionsOfSubmissions = (ids: readonly string[]): Promise<ModelVersion[]> =>
    this.where(ModelVersion, 'submissionId', ids).getMany();
  versionsOfTrainingRuns = (ids: readonly string[]): Promise<ModelVersion[]> =>
    this.where(ModelVersion, 'trainingRunId', ids).getMany();
  metrics = (versionIds: readonly string[]): Promise<ModelVersionMetric[]> =>
    this.where(ModelVersionMetric, 'modelVersionId', versionIds).orderBy('row.split').addOrderBy('row.name').getMany();
  params = (versionIds: readonly string[]): Promise<ModelVersionParam[]> =>
    this.where(ModelVersionParam, 'modelVersionId', versionIds).orderBy('row.name').getMany();
  experimentsOfVersions = (versionIds: readonly string[]): Promise<ModelExperiment[]> =>
    this.where(ModelExperiment, 'modelVersionId', versionIds).orderBy('row.createdAt').getMany();

  aliasesOfVersions = (versionIds: readonly string[]): Promise<ModelAlias[]> =>
    this.where(ModelAlias, 'modelVersionId', versionIds).orderBy('row.alias').getMany();
  aliasesOfModels = (modelIds: readonly string[]): Promise<ModelAlias[]> =>
    this.where(ModelAlias, 'modelId', modelIds).orderBy('row.alias').getMany();

  transitionRequests = (ids: readonly string[]): Promise<TransitionRequest[]> =>
    this.where(TransitionRequest, 'id', ids).getMany();
  votesOfRequests = (requestIds: readonly string[]): Promise<TransitionVote[]> =>
    this.where(TransitionVote, 'requestId', requestIds).orderBy('row.createdAt').addOrderBy('row.actor').getMany();

  newestSubmissionsOfTrainingRuns(runIds: readonly string[]): Promise<ModelSubmission[]> {
    return this.where(ModelSubmission, 'trainingRunId', runIds)
      .distinctOn(['row.trainingRunId'])
      .orderBy('row.trainingRunId')
      .addOrderBy('row.createdAt', 'DESC')
      .getMany();
  }

  productionVersions(modelIds: readonly string[]): Promise<ModelVersion[]> {
    return this.where(ModelVersion, 'modelId', modelIds).andWhere("row.stage = 'PRODUCTION'").getMany();
  }

  latestVersions(modelIds: readonly string[]): Promise<ModelVersion[]> {
    return this.where(ModelVersion, 'modelId', modelIds)
      .andWhere('row.deletedAt IS NULL')
      .distinctOn(['row.modelId'])
      .orderBy('row.modelId')
      .addOrderBy('row.version', 'DESC')
      .getMany();
  }

  listModels(args: ListArgs): Promise<Page<Model>> {
    return listPage(this.rows(Model).where('row.deletedAt IS NULL'), args, BY_NAME);
  }

  listDeletedModels(args: ListArgs): Promise<Page<Model>> {
    return listPage(this.rows(Model).where('row.deletedAt IS NOT NULL'), args, DELETED_LAST_FIRST);
  }

  listVersions(modelId: string, args: ListArgs): Promise<Page<ModelVersion>> {
    return listPage(this.versionRows().andWhere('row.modelId = :modelId', { modelId }), args, HIGHEST_FIRST);
  }

  /** The first page of listVersions for each of the models, in their order. */
  firstVersions(modelIds: readonly string[], first: number): Promise<Page<ModelVersion>[]> {
    return firstPages(this.versionRows(), { of: 'modelId', ids: modelIds }, first, HIGHEST_FIRST);
  }

  listSubmissions(modelId: string, args: ListArgs): Promise<Page<ModelSubmission>> {
    return listPage(this.rows(ModelSubmission).where('row.modelId = :modelId', { modelId }), args);
  }

  listTransitions(
    of: { modelId: string } | { modelVersionId: string },
    args: ListArgs,
  ): Promise<Page<ModelTransition>> {
    return listPage(this.rows(ModelTransition).where(of), args, LAST_FIRST);
  }

  /** Newest first. A request that nobody decided in time counts as EXPIRED, as statusAt has it. */
  listTransitionRequests(
    { modelId, status }: { readonly modelId: string | null; readonly status: TransitionRequestStatus | null },
    args: ListArgs,
  ): Promise<Page<TransitionRequest>> {
    const query = this.rows(TransitionRequest);
    if (modelId !== null) query.andWhere('row.modelId = :modelId', { modelId });
    const hasRunOut = `row.status = 'PENDING' AND row.expiresAt <= now()`;
    if (status === 'EXPIRED') query.andWhere(`(row.status = 'EXPIRED' OR ${hasRunOut})`);
    else if (status !== null) query.andWhere(`row.status = :status AND NOT (${hasRunOut})`, { status });
    return listPage(query, args);
  }

  /** The first page of listTransitions for each of the models or versions, in their order. */
  firstTransitions(
    of: 'modelId' | 'modelVersionId',
    ids: readonly string[],
    first: number,
  ): Promise<Page<ModelTransition>[]> {
    return firstPages(this.rows(ModelTransition), { of, ids }, first, LAST_FIRST);
  }

  /**
   * Versions side by side, of one model or several. One statement for each of versions, metrics and params, however many versions.
   * @param versionIds 2 to 20, each once
   * @param baselineId one of them, which deltas are against; null: the first
   * @throws InvalidInput, NotFound when one of the versions does not exist or was deleted
   */
  async compare(versionIds: readonly string[], baselineId: string | null = null): Promise<VersionComparison> {
    if (versionIds.length < 2 || versionIds.length > MOST_COMPARED)
      throw new InvalidInput('ids', `${versionIds.length} versions cannot be compared; give 2 to ${MOST_COMPARED}`);
    const twice = versionIds.findIndex((id, index) => versionIds.indexOf(id) < index);
    if (twice >= 0) throw new InvalidInput(['ids', String(twice)], 'the same version stands in the list twice');
    const baselineIndex = baselineId === null ? 0 : versionIds.indexOf(baselineId);
    if (baselineIndex < 0) throw new InvalidInput('baseline', 'this version is not among ids; give one of those');
    const [found, metrics, params] = await Promise.all([
      this.liveVersions(versionIds),
      this.metrics(versionIds),
      this.params(versionIds),
    ]);
    const versions = versionIds.map((id, index) => {
      const version = found.find((candidate) => candidate.id === id);
      if (!version) throw new NotFound('model version', id, 'It may have been deleted.', ['ids', String(index)]);
      return version;
    });
    return {
      versions,
      baselineIndex,
      metrics: compareMetrics(versionIds, metrics, baselineIndex),
      params: compareParams(versionIds, params),
      signature: compareSignatures(versions),
      lineage: compareLineage(versions),
    };
  }

  private versionRows(): SelectQueryBuilder<ModelVersion> {
    return this.rows(ModelVersion).where('row.deletedAt IS NULL');
  }

  private rows<Row extends ObjectLiteral>(entity: EntityTarget<Row>): SelectQueryBuilder<Row> {
    return this.deps.dataSource.manager.createQueryBuilder(entity, 'row');
  }

  private where<Row extends ObjectLiteral>(
    entity: EntityTarget<Row>,
    property: string & keyof Row,
    keys: readonly string[],
  ): SelectQueryBuilder<Row> {
    return this.rows(entity).where(`row.${property} = ANY(:keys)`, { keys });
  }
}
