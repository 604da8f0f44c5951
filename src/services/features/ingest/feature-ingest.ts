import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { FeatureBatch, type StoredColumnStatistics } from '../../../entities';
import { InvalidInput, InvalidInputs, NotFound } from '../../../errors';
import type { AuditTrail } from '../../audit';
import { idempotent, inTransaction } from '../../database';
import { type Actor, authorize } from '../../identity';
import { currentSchema, schemasOfVersions } from '../definitions/view-schema';
import type { OfflineStore, Work } from '../offline/offline-store';
import type { FeatureRowInput } from '../rows/feature-value';
import { RowParser } from '../rows/row-parser';
import type { RowSchema, RowSlice } from '../rows/row-slice';
import { commitBatch } from './commit-batch';
import { OFFLINE_FILES_LOCK, readingAgain, rowsOfBatch } from './manifest';

export interface IngestFeaturesInput {
  readonly view: string;
  readonly rows: readonly FeatureRowInput[];
  readonly idempotencyKey?: string | null;
}

export interface IngestSummary {
  readonly viewVersionId: string;
  readonly rowCount: number;
  readonly lastIngestAt: Date;
}

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly offline: OfflineStore;
}

const MAX_ROWS = 10_000;
/** Rows parsed before the event loop gets its turn, one vector of DuckDB: 8 columns hold it for 2 to 4 ms. */
const SLICE_ROWS = 2048;

/** Takes rows of features: all of a batch or none, durable and visible to joins when it answers. */
export class FeatureIngest {
  constructor(private readonly deps: Dependencies) {}

  /**
   * The file is there, synced, before its row of the manifest commits; a crash in between leaves a file that nothing refers to.
   * @throws InvalidInputs with up to 20 problems, each naming its row and column; InvalidInput, NotFound, IdempotencyKeyReused
   */
  async ingest(input: IngestFeaturesInput, actor: Actor): Promise<FeatureBatch> {
    authorize(actor, 'feature.ingest');
    const { view, rows, idempotencyKey } = input;
    if (rows.length < 1 || rows.length > MAX_ROWS)
      throw new InvalidInput('input.rows', `a batch has 1 to ${MAX_ROWS} rows, not ${rows.length}`);
    const digest = idempotencyKey == null ? null : await digestOf(rows);
    const id = await inTransaction(this.deps.dataSource, (manager) =>
      idempotent(
        manager,
        { actor: actor.name, mutation: 'ingestFeatures', key: idempotencyKey, input: { view, rows: digest } },
        async () => {
          const schema = await currentSchema(manager, view);
          await manager.query('SELECT pg_advisory_xact_lock_shared($1)', [OFFLINE_FILES_LOCK]);
          const stored = await this.deps.offline.writeBatch(schema.viewVersionId, schema, parseSlices(schema, rows));
          try {
            return await commitBatch(manager, this.deps.audit, schema, stored, actor);
          } catch (error) {
            await this.deps.offline.remove(stored.file);
            throw error;
          }
        },
      ),
    );
    return this.deps.dataSource.manager.findOneByOrFail(FeatureBatch, { id });
  }

  find(ids: readonly string[]): Promise<FeatureBatch[]> {
    return this.deps.dataSource.manager
      .createQueryBuilder(FeatureBatch, 'batch')
      .where('batch.id = ANY(:ids)', { ids })
      .getMany();
  }

  /**
   * Statistics of the fields of a batch, over all of its rows. From its file, when somebody asks: ingest does not wait for them.
   * @throws NotFound
   */
  async statistics(batchId: string, work: Work): Promise<StoredColumnStatistics[]> {
    const [batch] = await this.find([batchId]);
    if (!batch) throw new NotFound('feature batch', batchId);
    const { featureViewVersionId: id, ingestSequence } = batch;
    const schema = (await schemasOfVersions(this.deps.dataSource, [id])).get(id);
    if (!schema) throw new NotFound('feature view version', id);
    return readingAgain(
      () => rowsOfBatch(this.deps.dataSource, schema, ingestSequence),
      (rows) => this.deps.offline.rowStatistics(rows, work),
    );
  }

  /** What was ingested into versions of views; those without a batch are left out. */
  summaries(viewVersionIds: readonly string[]): Promise<IngestSummary[]> {
    return this.deps.dataSource.query(
      `SELECT feature_view_version_id AS "viewVersionId", sum(row_count)::float8 AS "rowCount", max(created_at) AS "lastIngestAt"
       FROM feature_batches WHERE feature_view_version_id = ANY($1) GROUP BY feature_view_version_id`,
      [viewVersionIds],
    );
  }
}

async function* parseSlices(schema: RowSchema, rows: readonly FeatureRowInput[]): AsyncGenerator<RowSlice> {
  const parser = new RowParser(schema);
  for (let from = 0; from < rows.length && !parser.full; from += SLICE_ROWS) {
    const slice = parser.parse(rows, from, Math.min(rows.length, from + SLICE_ROWS));
    // Nothing will be stored any more, but the other problems are worth knowing.
    if (parser.problems.length === 0) yield slice;
    await nextTurn();
  }
  if (parser.problems.length > 0) {
    throw new InvalidInputs(
      parser.problems.map(
        ({ row, column, problem }) => new InvalidInput(['input', 'rows', String(row), column], problem),
      ),
    );
  }
}

/** Of the rows as they were sent: what the idempotency key stands for. */
async function digestOf(rows: readonly FeatureRowInput[]): Promise<string> {
  const hash = createHash('sha256');
  for (let from = 0; from < rows.length; from += SLICE_ROWS) {
    hash.update(JSON.stringify(rows.slice(from, from + SLICE_ROWS)));
    await nextTurn();
  }
  return hash.digest('hex');
}
