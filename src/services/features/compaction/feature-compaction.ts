import type { DataSource, EntityManager } from 'typeorm';
import type { JobRecord } from '../../../entities';
import { InvalidInput, NotFound } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { idempotent, inTransaction } from '../../database';
import { type Actor, authorize } from '../../identity';
import type { JobContext, JobQueue } from '../../jobs';
import { schemasOfVersions, type ViewSchema } from '../definitions/view-schema';
import { whileRewriting } from '../ingest/offline-locks';
import type { OfflineStore } from '../offline/offline-store';
import { AUTOMATIC, compactionRuns, type CompactionPolicy, ON_DEMAND } from './compaction.policy';
import { filesOf, removeRetiredFiles, replaceFiles } from './replace-files';

export interface CompactFeaturesInput {
  readonly views: readonly string[];
  readonly idempotencyKey?: string | null;
}

/** Input of a COMPACTION job. */
export interface CompactionJobInput {
  readonly viewIds: readonly string[];
  readonly viewVersionIds: readonly string[];
  readonly automatic: boolean;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly jobs: JobQueue;
  readonly offline: OfflineStore;
}

interface VersionOfView {
  readonly viewId: string;
  readonly view: string;
  readonly viewVersionId: string;
}

const MAX_VIEWS = 100;
/** So that two replicas whose hour comes at once make one job. */
const SCHEDULING_LOCK = 7_306_021_552;

/** Makes few large files of many small ones. What is read stays the same, to the order of rows that share their times. */
export class FeatureCompaction {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<CompactionJobInput>('COMPACTION', (input, job) => this.run(input, job));
  }

  /** Compacts all versions of views now, as far as it goes. @throws InvalidInput, NotFound */
  async compact(input: CompactFeaturesInput, actor: Actor): Promise<JobRecord> {
    authorize(actor, 'feature.compact');
    const names = [...new Set(input.views)];
    if (names.length < 1 || names.length > MAX_VIEWS)
      throw new InvalidInput('input.views', `name 1 to ${MAX_VIEWS} views`);
    const { dataSource, jobs } = this.deps;
    const id = await inTransaction(dataSource, (manager) =>
      idempotent(
        manager,
        { actor: actor.name, mutation: 'compactFeatures', key: input.idempotencyKey, input: { views: names } },
        async () => {
          const versions = await versionsOf(manager, names);
          names.forEach((name, index) => {
            const field = ['input', 'views', String(index)];
            if (!versions.some(({ view }) => view === name))
              throw new NotFound('feature view', name, 'Create it with applyFeatureView.', field);
          });
          return this.enqueue(manager, versions, false, actor);
        },
      ),
    );
    return (await jobs.find([id]))[0];
  }

  /**
   * Asks for the compaction of what has become many small files, and removes files that nobody can be reading any more. For the hourly upkeep.
   * @returns the job's id; null where there is nothing to do, or a job that is not finished does it
   */
  async keepUp(actor: Actor, now = new Date()): Promise<string | null> {
    const { dataSource, offline } = this.deps;
    await removeRetiredFiles(dataSource, offline);
    const due: VersionOfView[] = [];
    for (const version of await versionsOf(dataSource, null)) {
      const files = await filesOf(dataSource, version.viewVersionId);
      if (compactionRuns(files, AUTOMATIC, now).length > 0) due.push(version);
    }
    if (due.length === 0) return null;
    return inTransaction(dataSource, async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [SCHEDULING_LOCK]);
      const unfinished = await manager.query<unknown[]>(
        `SELECT 1 FROM jobs WHERE kind = 'COMPACTION' AND status IN ('QUEUED', 'RUNNING') LIMIT 1`,
      );
      return unfinished.length > 0 ? null : this.enqueue(manager, due, true, actor);
    });
  }

  private async enqueue(
    manager: EntityManager,
    versions: readonly VersionOfView[],
    automatic: boolean,
    actor: Actor,
  ): Promise<string> {
    const viewIds = [...new Set(versions.map(({ viewId }) => viewId))];
    const job = await this.deps.jobs.enqueue<CompactionJobInput>(manager, {
      kind: 'COMPACTION',
      subject: `FeatureView:${viewIds[0]}`,
      input: { viewIds, viewVersionIds: versions.map(({ viewVersionId }) => viewVersionId), automatic },
      actor,
    });
    await this.deps.audit.append(manager, {
      modelId: null,
      actor,
      action: 'feature.compact',
      subject: `Job:${job.id}`,
      details: { views: [...new Set(versions.map(({ view }) => view))] },
    });
    return job.id;
  }

  private async run({ viewVersionIds, automatic }: CompactionJobInput, job: JobContext): Promise<void> {
    const schemas = await schemasOfVersions(this.deps.dataSource, viewVersionIds);
    const policy = automatic ? AUTOMATIC : ON_DEMAND;
    for (const [index, id] of viewVersionIds.entries()) {
      const schema = schemas.get(id);
      if (!schema) continue;
      // One file after the other, each in a transaction of its own: what is done stays done, whatever comes.
      for (;;) {
        job.signal.throwIfAborted();
        const left = await this.compactOnce(schema, policy, job);
        if (left === null) break;
        const message = `${schema.view}, version ${schema.version}: ${left} files`;
        job.progress((index + 1 / (1 + left)) / viewVersionIds.length, message);
      }
    }
  }

  /** @returns how many files the version has then; null when there was nothing to do */
  private compactOnce(schema: ViewSchema, policy: CompactionPolicy, { signal }: JobContext): Promise<number | null> {
    const { dataSource } = this.deps;
    return whileRewriting(dataSource, schema.viewVersionId, signal, async (manager) => {
      const files = await filesOf(manager, schema.viewVersionId);
      const [run] = compactionRuns(files, policy, new Date());
      if (!run) return null;
      await replaceFiles(this.deps, manager, schema, run, null, { signal });
      return files.length - run.length + 1;
    });
  }
}

/** All versions of views. @param names null: of all views */
const versionsOf = (database: DataSource | EntityManager, names: readonly string[] | null): Promise<VersionOfView[]> =>
  database.query(
    `SELECT v.id AS "viewId", v.name AS view, vv.id AS "viewVersionId" FROM feature_views v
     JOIN feature_view_versions vv ON vv.feature_view_id = v.id WHERE $1::text[] IS NULL OR v.name = ANY($1) ORDER BY v.name, vv.version`,
    [names],
  );
