import type { DataSource, EntityManager } from 'typeorm';
import { type ActorRef, JobRecord, Materialization, MaterializationRun } from '../../../entities';
import { InvalidInput, NotFound } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { idempotent, inTransaction, type ListArgs, listPage, type Page } from '../../database';
import { type Actor, authorize } from '../../identity';
import type { JobContext, JobQueue, JobSchedules } from '../../jobs';
import { currentSchemaOfSubject, currentSchemas, schemasOfVersions, type ViewSchema } from '../definitions/view-schema';
import { lastSequence, rowsOfWindow } from '../ingest/manifest';
import { whileReading } from '../ingest/offline-locks';
import type { LatestWindow, OfflineStore } from '../offline/offline-store';
import type { FeatureQuality } from '../quality/feature-quality';
import type { OnlineStore } from './online-store';

export interface MaterializeFeaturesInput {
  readonly views: readonly string[];
  readonly idempotencyKey?: string | null;
}

/** Input of a MATERIALIZATION job. */
export interface MaterializationJobInput {
  readonly viewIds: readonly string[];
  readonly viewVersionIds: readonly string[];
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly jobs: JobQueue;
  readonly schedules: JobSchedules;
  readonly offline: OfflineStore;
  readonly online: OnlineStore;
  readonly quality: FeatureQuality;
}

const MAX_VIEWS = 100;

/** Copies the newest rows of views from the offline to the online store. */
export class MaterializationService {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<MaterializationJobInput>('MATERIALIZATION', (input, job) => this.run(input, job));
    deps.schedules.define('MATERIALIZATION', async (manager, subject, actor) =>
      this.enqueue(manager, [await currentSchemaOfSubject(manager, subject)], actor),
    );
  }

  /** @throws InvalidInput, NotFound */
  async materialize(input: MaterializeFeaturesInput, actor: Actor): Promise<JobRecord> {
    authorize(actor, 'feature.materialize');
    const { dataSource, jobs } = this.deps;
    const names = [...new Set(input.views)];
    if (names.length < 1 || names.length > MAX_VIEWS)
      throw new InvalidInput('input.views', `name 1 to ${MAX_VIEWS} views`);
    const id = await inTransaction(dataSource, (manager) =>
      idempotent(
        manager,
        { actor: actor.name, mutation: 'materializeFeatures', key: input.idempotencyKey, input: { views: names } },
        async () => {
          const schemas = await currentSchemas(manager, names);
          const views = names.map((name, index) => {
            const schema = schemas.get(name);
            const field = ['input', 'views', String(index)];
            if (!schema) throw new NotFound('feature view', name, 'Create it with applyFeatureView.', field);
            return schema;
          });
          return (await this.enqueue(manager, views, actor)).id;
        },
      ),
    );
    return (await jobs.find([id]))[0];
  }

  /** How far versions of views have been materialized. */
  find(viewVersionIds: readonly string[]): Promise<Materialization[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(Materialization, 'materialization')
      .where('materialization.featureViewVersionId = ANY(:viewVersionIds)', { viewVersionIds })
      .getMany();
  }

  /** The jobs that materialize a view, in whatever version, newest first. */
  history(viewId: string, args: ListArgs): Promise<Page<JobRecord>> {
    const jobs = this.deps.dataSource.manager
      .createQueryBuilder(JobRecord, 'job')
      .where(`job.kind = 'MATERIALIZATION' AND job.input->'viewIds' @> to_jsonb(CAST(:viewId AS text))`, { viewId });
    return listPage(jobs, args);
  }

  /** What jobs have written, view by view; a job that did not get to a view has nothing of it. */
  findRuns(jobIds: readonly string[]): Promise<MaterializationRun[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(MaterializationRun, 'run')
      .where('run.jobId = ANY(:jobIds)', { jobIds })
      .orderBy('run.materializedAt')
      .getMany();
  }

  private async enqueue(manager: EntityManager, views: readonly ViewSchema[], actor: ActorRef): Promise<JobRecord> {
    const job = await this.deps.jobs.enqueue<MaterializationJobInput>(manager, {
      kind: 'MATERIALIZATION',
      subject: `FeatureView:${views[0].viewId}`,
      input: {
        viewIds: views.map(({ viewId }) => viewId),
        viewVersionIds: views.map(({ viewVersionId }) => viewVersionId),
      },
      actor,
    });
    await this.deps.audit.append(manager, {
      modelId: null,
      actor,
      action: 'feature.materialize',
      subject: `Job:${job.id}`,
      details: { views: views.map(({ view }) => view) },
    });
    return job;
  }

  private async run({ viewVersionIds }: MaterializationJobInput, job: JobContext): Promise<void> {
    const schemas = await schemasOfVersions(this.deps.dataSource, viewVersionIds);
    for (const [index, id] of viewVersionIds.entries()) {
      const schema = schemas.get(id);
      if (!schema) throw new NotFound('feature view version', id);
      const progress = (ratio: number, message: string) => {
        job.progress((index + ratio) / viewVersionIds.length, `${schema.view}: ${message}`);
      };
      await this.materializeView(schema, job, progress);
    }
  }

  private async materializeView(
    schema: ViewSchema,
    job: JobContext,
    progress: (ratio: number, message: string) => void,
  ): Promise<void> {
    const { dataSource } = this.deps;
    let total = 0;
    for (;;) {
      const { written, isMoved } = await whileReading(dataSource, [schema.viewVersionId], job.signal, (check) =>
        this.copyNewest(schema, job, progress, check, total),
      );
      if (isMoved) return;
      total += written;
    }
  }

  /**
   * @param before rows that the job has written of the view already
   * @returns the rows written, and whether the watermark could be moved; if not, another run has moved it
   */
  private async copyNewest(
    schema: ViewSchema,
    job: JobContext,
    progress: (ratio: number, message: string) => void,
    check: () => Promise<unknown>,
    before: number,
  ): Promise<{ written: number; isMoved: boolean }> {
    const { dataSource, offline, online, quality } = this.deps;
    const work = { signal: job.signal };
    const through = await lastSequence(dataSource);
    progress(0, 'checking quality');
    await quality.gate(schema, through, job.actor, work);
    const storeId = await online.id();
    const [found] = await this.find([schema.viewVersionId]);
    const former = found?.storeId === storeId ? found : null;
    const window: LatestWindow = {
      dueThrough: new Date(),
      seen: former ? { throughSequence: former.watermark, dueThrough: former.materializedAt } : null,
    };
    const rows = await rowsOfWindow(dataSource, schema, through, window);
    progress(0.1, 'finding the newest rows');
    const written = await offline.latest(rows, window, work, async ({ rowCount, pages }) => {
      let [done, newer] = [0, 0];
      for await (const page of pages) {
        job.signal.throwIfAborted();
        await check();
        newer += await online.write(schema, page);
        done += page.entityKeys.length;
        progress(0.2 + (0.8 * done) / rowCount, `${done} of ${rowCount} entities`);
      }
      return newer;
    });
    const to = { storeId, watermark: through, materializedAt: window.dueThrough };
    const run = { jobId: job.jobId, written, total: before + written };
    return { written, isMoved: await this.advance(schema.viewVersionId, former, to, run) };
  }

  /**
   * Moves the watermark, if no other run has moved it meanwhile: two marks, sequence and time, can only be moved together. Rows written by a run
   * that loses are right all the same; it looks again from where the other one got to.
   */
  private async advance(
    viewVersionId: string,
    former: Materialization | null,
    to: Pick<Materialization, 'storeId' | 'watermark' | 'materializedAt'>,
    { jobId, written, total }: { readonly jobId: string; readonly written: number; readonly total: number },
  ): Promise<boolean> {
    const rows = await this.deps.dataSource.query<[{ moved: number }]>(
      `WITH moved AS (
         INSERT INTO materializations AS stored (feature_view_version_id, store_id, watermark, row_count, materialized_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (feature_view_version_id) DO UPDATE
         SET store_id = excluded.store_id, watermark = excluded.watermark, materialized_at = excluded.materialized_at,
           row_count = excluded.row_count + CASE stored.store_id WHEN excluded.store_id THEN stored.row_count ELSE 0 END
         WHERE stored.store_id <> excluded.store_id OR stored.watermark = $6 AND stored.materialized_at = $7
         RETURNING 1
       ), noted AS (
         INSERT INTO materialization_runs AS noted (job_id, feature_view_version_id, row_count, materialized_at) SELECT $8, $1, $9, $5 FROM moved
         ON CONFLICT (job_id, feature_view_version_id) DO UPDATE SET row_count = noted.row_count + excluded.row_count, materialized_at = excluded.materialized_at
       ) SELECT count(*)::integer AS moved FROM moved`,
      [
        viewVersionId,
        to.storeId,
        to.watermark,
        written,
        to.materializedAt,
        former?.watermark ?? null,
        former?.materializedAt ?? null,
        jobId,
        total,
      ],
    );
    return rows[0].moved === 1;
  }
}
