import type { DataSource } from 'typeorm';
import { Dataset, type ServiceFeature } from '../../../entities';
import { Cancelled, NotFound } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { inTransaction } from '../../database';
import { recordEvent } from '../../events';
import type { JobContext } from '../../jobs';
import { recordLineage } from '../../lineage';
import type { ServiceDefinitions, ServiceSchema } from '../definitions/service-definitions';
import { schemasOfVersions, type ViewSchema } from '../definitions/view-schema';
import { rowsThrough } from '../ingest/manifest';
import { whileReading } from '../ingest/offline-locks';
import type { BuiltDataset, DatasetPlan, JoinedView, OfflineStore } from '../offline/offline-store';
import type { FeatureQuality } from '../quality/feature-quality';
import { formatTimestamp } from '../rows/timestamp-text';
import { datasetColumns, definitionWarnings } from './dataset-definition.policy';
import { datasetFingerprint } from './dataset-fingerprint';

/** Input of a DATASET job. */
export interface DatasetJobInput {
  readonly datasetId: string;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly offline: OfflineStore;
  readonly services: ServiceDefinitions;
  readonly quality: FeatureQuality;
}

/** Does the work of DATASET jobs. What a dataset holds follows from its definition alone, so a job that is run again makes the same one. */
export class DatasetBuilder {
  constructor(private readonly deps: Dependencies) {}

  /** @throws QualityBlocked, InvalidInput when the labels do not allow the split, Cancelled */
  async build(datasetId: string, job: JobContext): Promise<void> {
    const { dataSource, services } = this.deps;
    const dataset = await dataSource.manager.findOneByOrFail(Dataset, { id: datasetId });
    if (dataset.status !== 'BUILDING') return;
    const service = await services.schema(dataset.featureServiceVersionId);
    const labelView = await this.labelView(dataset);
    const ids = [...service.views.keys(), labelView.viewVersionId];
    await whileReading(dataSource, ids, job.signal, (check) => this.join(dataset, service, labelView, check, job));
  }

  /** @param check throws if the lock on the views was lost: an erasure may not have waited */
  private async join(
    dataset: Dataset,
    service: ServiceSchema,
    labelView: ViewSchema,
    check: () => Promise<unknown>,
    job: JobContext,
  ): Promise<void> {
    const { offline, quality } = this.deps;
    job.progress(0.01, 'Checking quality');
    const views = new Map([...service.views, [labelView.viewVersionId, labelView]]);
    for (const view of views.values()) await quality.gate(view, dataset.definition.throughSequence, job.actor, job);

    const plan = await this.plan(dataset, service, labelView);
    const built = await offline.buildDataset(plan, {
      signal: job.signal,
      progress: (ratio, message) => job.progress(0.1 + 0.85 * ratio, message),
    });
    await check();
    // Should the commit fail, the file stays for the sweep at the next start: the commit may have been done all the same.
    await this.finish(dataset, { service, labelView, plan, built }, job);
  }

  /** Marks a dataset whose job failed or was cancelled. */
  async fail(datasetId: string): Promise<void> {
    await this.deps.dataSource.manager.update(Dataset, { id: datasetId, status: 'BUILDING' }, { status: 'FAILED' });
  }

  private async labelView({ definition }: Dataset): Promise<ViewSchema> {
    const id = definition.labelViewVersionId;
    const schema = (await schemasOfVersions(this.deps.dataSource, [id])).get(id);
    if (!schema) throw new NotFound('feature view version', id);
    return schema;
  }

  private async plan(dataset: Dataset, service: ServiceSchema, labelView: ViewSchema): Promise<DatasetPlan> {
    const { labelField, from, to, split, leakageCutoff, throughSequence } = dataset.definition;
    const views: JoinedView[] = [];
    for (const { view, joinKeys, features } of service.sources) {
      views.push({
        rows: await rowsThrough(this.deps.dataSource, view, throughSequence),
        joinKeys: joinKeys.map(({ name, entityKey }) => ({ name, entityKey })),
        ttlSeconds: view.ttlSeconds,
        features: features.map(({ name, field }: ServiceFeature) => ({ name, field })),
      });
    }
    return {
      datasetId: dataset.id,
      labels: {
        rows: await rowsThrough(this.deps.dataSource, labelView, throughSequence),
        field: labelField,
        from: from === null ? null : new Date(from),
        to: to === null ? null : new Date(to),
      },
      views,
      onDemandFeatures: service.onDemandFeatures,
      requestInputs: service.requestInputs,
      columns: datasetColumns(service, labelView),
      leakageCutoff,
      split,
    };
  }

  /** READY, the event, the audit entry and the lineage: all of it or none, and only now that the file is in place. */
  private async finish(
    dataset: Dataset,
    parts: { service: ServiceSchema; labelView: ViewSchema; plan: DatasetPlan; built: BuiltDataset },
    { actor }: JobContext,
  ): Promise<void> {
    const { service, labelView, plan, built } = parts;
    const { definition } = dataset;
    const fingerprint = datasetFingerprint(definition, service, built.columnDigests);
    const { file, rowCount, heldOutRowCount, sizeBytes } = built;
    const warnings = [
      ...definitionWarnings(service, { view: labelView.view }, definition.leakageCutoff),
      ...built.warnings,
    ];
    await inTransaction(this.deps.dataSource, async (manager) => {
      const result = await manager
        .createQueryBuilder()
        .update(Dataset)
        .set({
          status: 'READY',
          file,
          columns: [...plan.columns],
          statistics: [...built.statistics],
          warnings,
          qualityPassed: true,
          rowCount,
          heldOutRowCount,
          sizeBytes,
          fingerprint,
          minEventTimestamp: () => ':first',
          maxEventTimestamp: () => ':last',
        })
        .setParameters({
          first: formatTimestamp(built.minEventTimestamp),
          last: formatTimestamp(built.maxEventTimestamp),
        })
        .where('id = :id AND status = :building', { id: dataset.id, building: 'BUILDING' })
        .execute();
      // Cancelled at the last moment, or done by another attempt.
      if (result.affected !== 1) throw new Cancelled(`The build of dataset ${dataset.id}`);
      await recordLineage(
        manager,
        [`FeatureServiceVersion:${service.versionId}`, `FeatureView:${labelView.viewId}`],
        `Dataset:${dataset.id}`,
      );
      await this.deps.audit.append(manager, {
        modelId: null,
        actor,
        action: 'dataset.ready',
        subject: `Dataset:${dataset.id}`,
        details: { fingerprint, rowCount, heldOutRowCount },
      });
      await recordEvent(manager, { type: 'DATASET_READY', modelId: null, payload: { datasetId: dataset.id }, actor });
    });
  }
}
