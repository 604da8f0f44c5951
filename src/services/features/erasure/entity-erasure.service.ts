import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { EntityErasure, FeatureEntity, type JobRecord } from '../../../entities';
import { InvalidInput, NotFound } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { idempotent, inTransaction } from '../../database';
import { type Actor, authorize } from '../../identity';
import type { JobContext, JobQueue } from '../../jobs';
import { filesOf, removeRetiredFilesOf, replaceFiles } from '../compaction/replace-files';
import { schemasOfVersions, type ViewSchema } from '../definitions/view-schema';
import { untilBatchesAreIn, whileNobodyReads, whileReading, whileRewriting } from '../ingest/offline-locks';
import type { EntityValues, OfflineStore } from '../offline/offline-store';
import type { OnlineStore } from '../online/online-store';
import { entityKeyOf, parseEntityValues } from '../rows/entity-key';
import type { FeatureRowInput } from '../rows/feature-value';
import { datasetsOfEntity, eraseExamples } from './traces-of-entity';

export interface EraseEntityInput {
  readonly entity: string;
  readonly key: FeatureRowInput;
  readonly idempotencyKey?: string | null;
}

interface ErasureJobInput {
  readonly erasureId: string;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly jobs: JobQueue;
  readonly offline: OfflineStore;
  readonly online: OnlineStore;
  /** The prediction log, as far as it is needed here: it lives on a higher floor, so it is handed in. */
  readonly predictions: { countOfEntity(key: EntityValues): Promise<number> };
}

/** Between two looks at jobs that are waited for. */
const ASK_AGAIN_MS = 500;

type Erasure = EntityErasure & { entityKey: EntityValues };

/** Forgets an entity: its rows of all views and versions, offline and online, and what quality reports show of it. */
export class EntityErasureService {
  constructor(private readonly deps: Dependencies) {
    deps.jobs.define<ErasureJobInput>('ENTITY_ERASURE', (input, job) => this.run(input, job), {
      onFailed: ({ erasureId }) => this.forgetKey(erasureId),
    });
  }

  /** A key that is not known is no error. @throws InvalidInput, NotFound */
  async erase(input: EraseEntityInput, actor: Actor): Promise<JobRecord> {
    authorize(actor, 'feature.erase');
    const { dataSource, jobs, audit } = this.deps;
    const id = await inTransaction(dataSource, (manager) =>
      idempotent(
        manager,
        {
          actor: actor.name,
          mutation: 'eraseEntity',
          key: input.idempotencyKey,
          input: { entity: input.entity, key: input.key },
        },
        async () => {
          const entity = await manager.findOneBy(FeatureEntity, { name: input.entity });
          if (!entity) throw new NotFound('entity', input.entity, 'Create it with applyEntity.', ['input', 'entity']);
          const entityKey = checkedKey(entity, input.key);
          const keyDigest = digestOf(entity, entityKey);
          const erasureId = randomUUID();
          const job = await jobs.enqueue<ErasureJobInput>(manager, {
            kind: 'ENTITY_ERASURE',
            subject: `EntityErasure:${erasureId}`,
            input: { erasureId },
            actor,
          });
          const erasure = { id: erasureId, entityId: entity.id, jobId: job.id, entityKey, keyDigest };
          await manager.insert(EntityErasure, { ...erasure, actor: actor.name });
          await audit.append(manager, {
            modelId: null,
            actor,
            action: 'feature.erase',
            subject: `FeatureEntity:${entity.id}`,
            details: { entity: entity.name, keyDigest, jobId: job.id },
          });
          return job.id;
        },
      ),
    );
    return (await jobs.find([id]))[0];
  }

  findOfJobs(jobIds: readonly string[]): Promise<EntityErasure[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(EntityErasure, 'erasure')
      .where('erasure.jobId = ANY(:jobIds)', { jobIds })
      .getMany();
  }

  /**
   * Offline first, so that whoever begins to read then finds nothing; then, once those who had begun before are done, what they may have written. Every
   * step can be done again: a crash in between is made good by the next attempt.
   */
  private async run({ erasureId }: ErasureJobInput, job: JobContext): Promise<void> {
    const { dataSource, predictions } = this.deps;
    const erasure = await dataSource.manager.findOneByOrFail(EntityErasure, { id: erasureId });
    if (!isOpen(erasure)) return;
    const versions = await this.versionsOf(erasure.entityId);
    job.progress(0, 'waiting for what was sent before');
    await this.untilEarlierFilesAreIn(versions, erasure, job);
    await untilBatchesAreIn(dataSource, job.signal);
    for (const [index, schema] of versions.entries()) {
      job.progress((0.8 * index) / versions.length, `${schema.view}, version ${schema.version}: looking for rows`);
      await this.eraseOffline(schema, erasure, job);
      job.progress(
        (0.8 * (index + 0.5)) / versions.length,
        `${schema.view}, version ${schema.version}: waiting for readers`,
      );
      await this.eraseCopies(schema, erasure, job);
    }
    job.progress(0.8, 'looking into datasets');
    const entity = await dataSource.manager.findOneByOrFail(FeatureEntity, { id: erasure.entityId });
    const datasetIds = await datasetsOfEntity(this.deps, entity, erasure.entityKey, job);
    const predictionCount = await predictions.countOfEntity(erasure.entityKey);
    await inTransaction(dataSource, async (manager) => {
      await manager.update(EntityErasure, { id: erasureId }, { datasetIds, predictionCount, entityKey: null });
      const { erasedRowCount, erasedOnlineCount } = await manager.findOneByOrFail(EntityErasure, { id: erasureId });
      await this.deps.audit.append(manager, {
        modelId: null,
        actor: job.actor,
        action: 'feature.erased',
        subject: `FeatureEntity:${entity.id}`,
        details: { keyDigest: erasure.keyDigest, erasedRowCount, erasedOnlineCount, predictionCount, datasetIds },
      });
    });
  }

  /** Files of rows that were sent before the erasure was asked for, and are still being read. */
  private async untilEarlierFilesAreIn(
    versions: readonly ViewSchema[],
    { createdAt }: Erasure,
    { signal }: JobContext,
  ): Promise<void> {
    const ids = versions.map(({ viewVersionId }) => viewVersionId);
    for (;;) {
      const unfinished = await this.deps.dataSource.query<unknown[]>(
        `SELECT 1 FROM jobs WHERE kind = 'FEATURE_INGEST' AND status IN ('QUEUED', 'RUNNING') AND created_at <= $1
           AND input ->> 'viewVersionId' = ANY($2) LIMIT 1`,
        [createdAt, ids],
      );
      if (unfinished.length === 0) return;
      await sleep(ASK_AGAIN_MS);
      signal.throwIfAborted();
    }
  }

  /** Rewrites the files that hold the entity, and looks again until none does: batches may come meanwhile. */
  private async eraseOffline(schema: ViewSchema, erasure: Erasure, job: JobContext): Promise<void> {
    const { dataSource, offline } = this.deps;
    const { viewVersionId, joinKeys } = schema;
    const work = { signal: job.signal };
    // As a reader: the erasure of another entity, on another replica, may remove files.
    const search = (list: () => Promise<{ file: string }[]>) =>
      whileReading(dataSource, [viewVersionId], job.signal, async () => {
        const names = (await list()).map(({ file }) => file);
        return offline.rowsOfEntity(names, joinKeys, erasure.entityKey, work);
      });
    for (;;) {
      const found = await search(() => filesOf(dataSource, viewVersionId));
      if (found.size === 0) break;
      for (const [name, count] of found) {
        job.signal.throwIfAborted();
        await whileRewriting(dataSource, viewVersionId, job.signal, async (manager) => {
          // Compacted meanwhile: then it is found in another file.
          const file = (await filesOf(manager, viewVersionId)).find((each) => each.file === name);
          if (!file) return;
          await replaceFiles(this.deps, manager, schema, [file], erasure.entityKey, work);
          await manager.increment(EntityErasure, { id: erasure.id }, 'erasedRowCount', count);
        });
      }
    }
    // Files that were compacted before and are within their grace.
    const holding = await search(() =>
      dataSource.query(
        `SELECT file FROM retired_feature_files WHERE feature_view_version_id = $1 AND retired_at > '-infinity'`,
        [viewVersionId],
      ),
    );
    await dataSource.query(`UPDATE retired_feature_files SET retired_at = '-infinity' WHERE file = ANY($1)`, [
      [...holding.keys()],
    ]);
  }

  /** Once the jobs that read the old files are done: these files, the online values, and the examples of quality reports. */
  private eraseCopies(schema: ViewSchema, erasure: Erasure, job: JobContext): Promise<void> {
    const { dataSource, offline, online } = this.deps;
    const { viewVersionId, joinKeys } = schema;
    return whileNobodyReads(dataSource, viewVersionId, job.signal, async (held) => {
      await removeRetiredFilesOf(held, offline, viewVersionId);
      const entityKey = entityKeyOf(joinKeys.map(({ name }) => erasure.entityKey[name]));
      const erased = await online.erase([viewVersionId], entityKey);
      await inTransaction(dataSource, async (manager) => {
        await manager.increment(EntityErasure, { id: erasure.id }, 'erasedOnlineCount', erased);
        await eraseExamples(manager, viewVersionId, erasure.entityKey);
      });
    });
  }

  private async versionsOf(entityId: string): Promise<ViewSchema[]> {
    const ids = await this.deps.dataSource.query<{ id: string }[]>(
      'SELECT vv.id FROM feature_view_versions vv JOIN feature_views v ON v.id = vv.feature_view_id WHERE v.entity_id = $1 ORDER BY v.name, vv.version',
      [entityId],
    );
    const schemas = await schemasOfVersions(
      this.deps.dataSource,
      ids.map(({ id }) => id),
    );
    return [...schemas.values()];
  }

  private async forgetKey(erasureId: string): Promise<void> {
    await this.deps.dataSource.manager.update(EntityErasure, { id: erasureId }, { entityKey: null });
  }
}

const isOpen = (erasure: EntityErasure): erasure is Erasure => erasure.entityKey !== null;

/** @throws InvalidInput */
function checkedKey({ joinKeys }: FeatureEntity, key: FeatureRowInput): EntityValues {
  const values = parseEntityValues(joinKeys, key, ['input', 'key']);
  for (const name of Object.keys(key)) {
    if (joinKeys.some((joinKey) => joinKey.name === name)) continue;
    const all = joinKeys.map((joinKey) => joinKey.name).join(', ');
    throw new InvalidInput(['input', 'key', name], `is not a join key; the entity is named by ${all}`);
  }
  return Object.fromEntries(joinKeys.map(({ name }, index) => [name, values[index]]));
}

/** By which one who knows the key finds the erasure again. */
const digestOf = (entity: FeatureEntity, key: EntityValues): string =>
  createHash('sha256')
    .update(JSON.stringify([entity.name, entityKeyOf(entity.joinKeys.map(({ name }) => key[name]))]))
    .digest('hex');
