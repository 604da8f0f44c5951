import type { DataSource, EntityManager } from 'typeorm';
import { FeatureBatch, type FeatureFileFormat, type JobRecord } from '../../../entities';
import { InvalidInput, NotFound } from '../../../errors';
import type { ArtifactKeeper } from '../../artifacts';
import type { AuditTrail } from '../../audit';
import { idempotent, inTransaction } from '../../database';
import { type Actor, authorize } from '../../identity';
import type { JobContext, JobQueue } from '../../jobs';
import { currentSchema, schemasOfVersions, type ViewSchema } from '../definitions/view-schema';
import type { FeatureFileStaging, StagedBatch } from '../offline/feature-file-staging';
import type { OfflineStore } from '../offline/offline-store';
import { commitBatch } from './commit-batch';
import { OFFLINE_FILES_LOCK } from './manifest';

export interface IngestFeatureFileInput {
  readonly view: string;
  /** SHA-256 of an uploaded file. */
  readonly artifact: string;
  readonly format: FeatureFileFormat;
  readonly idempotencyKey?: string | null;
}

/** Input of a FEATURE_INGEST job. */
export interface FeatureIngestJobInput {
  readonly viewId: string;
  readonly viewVersionId: string;
  readonly artifact: string;
  readonly format: FeatureFileFormat;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly jobs: JobQueue;
  readonly artifacts: Pick<ArtifactKeeper, 'holdIfThere' | 'read'>;
  readonly offline: Pick<OfflineStore, 'remove'>;
  readonly staging: FeatureFileStaging;
}

/** Takes files of features that were uploaded as artifacts: all of their rows or none, in memory that does not grow with them. */
export class FileIngest {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<FeatureIngestJobInput>('FEATURE_INGEST', (input, job) => this.run(input, job), {
      onFailed: (_input, _failure, { jobId }) => deps.staging.remove(jobId),
    });
  }

  /**
   * Asks for a file to be ingested; its job does it.
   * @throws InvalidInput, NotFound, IdempotencyKeyReused
   */
  async ingest(input: IngestFeatureFileInput, actor: Actor): Promise<JobRecord> {
    authorize(actor, 'feature.ingest');
    const { dataSource, artifacts, jobs, audit } = this.deps;
    const { view, artifact, format, idempotencyKey } = input;
    const id = await inTransaction(dataSource, async (manager) => {
      // Before anything that appends to the audit trail, as collections do. From here on the job refers to it.
      const held = await artifacts.holdIfThere(artifact, manager);
      const request = { actor: actor.name, mutation: 'ingestFeatureFile', key: idempotencyKey };
      return idempotent(manager, { ...request, input: { view, artifact, format } }, async () => {
        const schema = await currentSchema(manager, view);
        if (!held)
          throw new NotFound('artifact', artifact, 'Upload it with createArtifactUpload.', ['input', 'artifact']);
        const job = await jobs.enqueue<FeatureIngestJobInput>(manager, {
          kind: 'FEATURE_INGEST',
          subject: `FeatureView:${schema.viewId}`,
          input: { viewId: schema.viewId, viewVersionId: schema.viewVersionId, artifact, format },
          actor,
        });
        await audit.append(manager, {
          modelId: null,
          actor,
          action: 'feature.ingestFile',
          subject: `Job:${job.id}`,
          details: { view, artifact, format },
        });
        return job.id;
      });
    });
    return (await jobs.find([id]))[0];
  }

  /** The batches that jobs have made, in the order of their numbers. */
  batchesOf(jobIds: readonly string[]): Promise<FeatureBatch[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(FeatureBatch, 'batch')
      .where('batch.jobId = ANY(:jobIds)', { jobIds })
      .orderBy('batch.ingestSequence')
      .getMany();
  }

  private async run(input: FeatureIngestJobInput, job: JobContext): Promise<void> {
    const { dataSource, staging } = this.deps;
    if (!(await isDone(dataSource.manager, job.jobId))) {
      const schema = (await schemasOfVersions(dataSource, [input.viewVersionId])).get(input.viewVersionId);
      if (!schema) throw new NotFound('feature view version', input.viewVersionId);
      const batches = await this.convert(input, schema, job);
      job.signal.throwIfAborted();
      await this.commit(schema, batches, input, job);
    }
    await staging.remove(job.jobId);
  }

  private async convert(
    { artifact, format }: FeatureIngestJobInput,
    schema: ViewSchema,
    job: JobContext,
  ): Promise<StagedBatch[]> {
    const { jobId, signal } = job;
    const reader = await this.deps.artifacts.read(artifact);
    try {
      const { sizeBytes } = reader;
      const file = { format, sizeBytes, chunks: reader.chunks({ first: 0, last: sizeBytes - 1, signal }) };
      return await this.deps.staging.convert(jobId, schema.viewVersionId, schema, file, {
        signal,
        progress: (ratio, message) => job.progress(ratio, message),
      });
    } finally {
      // Its chunks close it at their end, which a job that is cancelled does not come to.
      await reader.close();
    }
  }

  /** The files are synced already; here they are moved to their places and get their numbers, all or none. */
  private async commit(
    schema: ViewSchema,
    batches: readonly StagedBatch[],
    { artifact }: FeatureIngestJobInput,
    { jobId, actor }: JobContext,
  ): Promise<void> {
    const { dataSource, audit, offline, staging } = this.deps;
    await inTransaction(dataSource, async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock_shared($1)', [OFFLINE_FILES_LOCK]);
      // Another attempt at this job, taken for dead, may be here too.
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`mooring:ingest:${jobId}`]);
      if (await isDone(manager, jobId)) return;
      const { version } = await currentSchema(manager, schema.view, ['view']);
      if (version !== schema.version)
        throw new InvalidInput(
          ['view'],
          `${schema.view} was changed to version ${version} while the file was read for version ${schema.version}; ingest it again`,
        );
      try {
        for (const batch of batches) await staging.publish(batch);
        for (const batch of batches) await commitBatch(manager, audit, schema, batch, actor, { jobId, artifact });
      } catch (error) {
        // The commit was not sent yet. Should that fail later, the files are left to the sweep at the next start: it may have been done all the same.
        for (const { file } of batches) await offline.remove(file);
        throw error;
      }
    });
  }
}

async function isDone(manager: EntityManager, jobId: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>('SELECT 1 FROM feature_batches WHERE job_id = $1 LIMIT 1', [jobId]);
  return rows.length > 0;
}
