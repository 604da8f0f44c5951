import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import {
  Dataset,
  type DatasetDefinition,
  type DatasetSplit,
  type FeatureValue,
  type JobRecord,
} from '../../../entities';
import { InvalidInput, NotFound, NotReady } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { idempotent, inTransaction, type ListArgs, listPage, type Page } from '../../database';
import { type Actor, authorize } from '../../identity';
import type { JobQueue } from '../../jobs';
import type { ServiceDefinitions } from '../definitions/service-definitions';
import { currentSchema } from '../definitions/view-schema';
import { lastSequence } from '../ingest/manifest';
import type { OfflineStore } from '../offline/offline-store';
import type { DatasetFile } from '../offline/read-dataset-table';
import { isListDtype } from '../rows/feature-value';
import type { DatasetBuilder, DatasetJobInput } from './dataset-builder';
import { checkDataset, checkSplit, type DatasetLabels } from './dataset-definition.policy';

/** What a dataset shall be. */
export interface DatasetRequest {
  readonly name: string;
  readonly featureService: string;
  /** null: the current one. */
  readonly featureServiceVersion?: number | null;
  readonly labels: DatasetLabels;
  readonly split: DatasetSplit;
  readonly leakageCutoff: boolean;
}

export interface CreateDatasetInput extends DatasetRequest {
  readonly idempotencyKey?: string | null;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly jobs: JobQueue;
  readonly offline: OfflineStore;
  readonly services: ServiceDefinitions;
  readonly builder: DatasetBuilder;
}

const MAX_NAME_LENGTH = 200;
const MAX_PREVIEW_ROWS = 100;

/** Immutable results of point-in-time joins. */
export class DatasetService {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<DatasetJobInput>('DATASET', (input, job) => deps.builder.build(input.datasetId, job), {
      onFailed: ({ datasetId }) => deps.builder.fail(datasetId),
    });
  }

  /**
   * Asks for a dataset of what is ingested now; its job builds it.
   * @throws InvalidInput, NotFound, IdempotencyKeyReused
   */
  async create(input: CreateDatasetInput, actor: Actor): Promise<{ dataset: Dataset; job: JobRecord }> {
    authorize(actor, 'dataset.create');
    if (input.name.trim() === '' || input.name.length > MAX_NAME_LENGTH)
      throw new InvalidInput('input.name', `must have 1 to ${MAX_NAME_LENGTH} characters`);
    checkSplit(input.split);
    const { idempotencyKey, ...request } = input;
    // Read before the transaction: within it, each reader would wait for a second connection while it holds one.
    const definition = await this.define(request);
    const ids = await inTransaction(this.deps.dataSource, (manager) =>
      idempotent(
        manager,
        { actor: actor.name, mutation: 'createDataset', key: idempotencyKey, input: toJson(request) },
        async () => {
          const id = randomUUID();
          const job = await this.deps.jobs.enqueue<DatasetJobInput>(manager, {
            kind: 'DATASET',
            subject: `Dataset:${id}`,
            input: { datasetId: id },
            actor,
          });
          await manager.insert(Dataset, {
            id,
            name: input.name,
            status: 'BUILDING',
            definition,
            featureServiceVersionId: definition.featureServiceVersionId,
            jobId: job.id,
            createdBy: actor.name,
          });
          await this.deps.audit.append(manager, {
            modelId: null,
            actor,
            action: 'dataset.create',
            subject: `Dataset:${id}`,
            details: { name: input.name, ...definition },
          });
          return { id, jobId: job.id };
        },
      ),
    );
    const [dataset] = await this.find([ids.id]);
    const [job] = await this.deps.jobs.find([ids.jobId]);
    return { dataset, job };
  }

  find(ids: readonly string[]): Promise<Dataset[]> {
    return this.rows().where('dataset.id = ANY(:ids)', { ids }).getMany();
  }

  /** Newest first. */
  list(args: ListArgs): Promise<Page<Dataset>> {
    return listPage(this.rows(), args);
  }

  /** The first rows; none while the dataset is not ready. @throws InvalidInput */
  async preview(dataset: Dataset, first: number): Promise<Record<string, FeatureValue>[]> {
    if (first < 1 || first > MAX_PREVIEW_ROWS)
      throw new InvalidInput('first', `${first} is out of range; expected 1 to ${MAX_PREVIEW_ROWS}`);
    if (!dataset.file || !dataset.columns) return [];
    return this.deps.offline.preview(dataset.file, dataset.columns, first);
  }

  /** Where a ready dataset is and what it holds, for readDatasetTable. @throws NotFound, NotReady */
  async describe(datasetId: string): Promise<DatasetFile> {
    const dataset = await this.get(datasetId);
    const { file, columns, fingerprint } = dataset;
    if (dataset.status !== 'READY' || !file || !columns || !fingerprint)
      throw new NotReady('dataset', dataset.name, dataset.status, 'Wait for its job to succeed.');
    return {
      datasetId,
      file: this.deps.offline.pathOf(file),
      columns,
      joinKeys: columns.filter(({ role }) => role === 'JOIN_KEY').map(({ name }) => name),
      features: columns.flatMap(({ role, name, dtype }) =>
        role === 'FEATURE' && !isListDtype(dtype) ? [{ name, dtype }] : [],
      ),
      featureServiceVersionId: dataset.featureServiceVersionId,
      fingerprint,
      qualityPassed: await this.passesQualityNow(dataset),
    };
  }

  /** Whether the quality reports on the newest rows of its views pass: data found bad after a dataset was built must not make a version either. */
  private async passesQualityNow({ featureServiceVersionId, definition }: Dataset): Promise<boolean> {
    const { views } = await this.deps.services.schema(featureServiceVersionId);
    const blocked = await this.deps.dataSource.query<unknown[]>(
      `SELECT 1 FROM (
         SELECT DISTINCT ON (feature_view_version_id) blocked FROM feature_quality_reports
         WHERE feature_view_version_id = ANY($1) ORDER BY feature_view_version_id, through_sequence DESC, created_at DESC, id DESC
       ) newest WHERE blocked`,
      [[...views.keys(), definition.labelViewVersionId]],
    );
    return blocked.length === 0;
  }

  /**
   * A dataset's definition, to build it again over other times and what has been ingested since: the same version of the feature service (so that a
   * model keeps its inputs), the label view as it is now, the same split.
   * @param range absent bounds stay as they were; null is open
   * @throws NotFound
   */
  async rebuildDefinition(
    datasetId: string,
    range: { readonly from?: Date | null; readonly to?: Date | null },
  ): Promise<DatasetRequest> {
    const { name, definition } = await this.get(datasetId);
    const service = await this.deps.services.schema(definition.featureServiceVersionId);
    const { labelView, labelField, from, to, split, leakageCutoff } = definition;
    return {
      name,
      featureService: service.service,
      featureServiceVersion: service.version,
      labels: {
        view: labelView,
        field: labelField,
        from: range.from === undefined ? toDate(from) : range.from,
        to: range.to === undefined ? toDate(to) : range.to,
      },
      split,
      leakageCutoff,
    };
  }

  private async get(datasetId: string): Promise<Dataset> {
    const [dataset] = await this.find([datasetId]);
    if (!dataset) throw new NotFound('dataset', datasetId, 'Create one with createDataset.');
    return dataset;
  }

  private rows() {
    return this.deps.dataSource.manager.createQueryBuilder(Dataset, 'dataset');
  }

  private async define(request: DatasetRequest): Promise<DatasetDefinition> {
    const { services, dataSource } = this.deps;
    const { labels, split, leakageCutoff } = request;
    const version = request.featureServiceVersion ?? null;
    const service = await services.schemaByName(request.featureService, version, ['input', 'featureService']);
    const labelView = await currentSchema(dataSource, labels.view, ['input', 'labels', 'view']);
    checkDataset(service, labelView, labels);
    const { strategy, heldOutFraction, seed } = split;
    return {
      featureServiceVersionId: service.versionId,
      labelView: labelView.view,
      labelViewVersionId: labelView.viewVersionId,
      labelField: labels.field,
      from: labels.from?.toISOString() ?? null,
      to: labels.to?.toISOString() ?? null,
      split: { strategy, heldOutFraction, seed },
      leakageCutoff,
      throughSequence: await lastSequence(dataSource),
    };
  }
}

const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text));

/** Dates as they are sent, for the hash of the input. */
const toJson = (request: DatasetRequest): unknown => JSON.parse(JSON.stringify(request));
