import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DuckDbEngine } from '../../../src/services/features/offline/duckdb-engine';
import type { OfflineBatch, ViewRows } from '../../../src/services/features/offline/offline-store';
import { ParquetOfflineStore } from '../../../src/services/features/offline/parquet-offline-store';
import { OUTSIDE_TTL, pointInTimeSql, ROW_ID } from '../../../src/services/features/offline/point-in-time.sql';
import { rowsSql, scanSql } from '../../../src/services/features/offline/scan.sql';
import type { FeatureRowInput } from '../../../src/services/features/rows/feature-value';
import { RowParser } from '../../../src/services/features/rows/row-parser';
import { type RowSchema, storedColumns } from '../../../src/services/features/rows/row-slice';

/** What a join gives for one entity row: how it was matched, then the features. */
export type JoinedRow = Record<string, unknown>;

export interface JoinOptions {
  readonly ttlSeconds?: number | null;
  readonly leakageCutoff?: boolean;
  readonly features?: readonly { name: string; field: string }[];
  /** Names under which the entity rows carry the view's join keys, where they differ. */
  readonly joinKeyMap?: Readonly<Record<string, string>>;
}

/** An offline store in a directory of its own, fed and asked without a database. */
export class OfflineHarness {
  readonly engine = new DuckDbEngine({ memoryLimitBytes: 2 ** 29, threads: 1 });
  // Beyond what 32 bits hold.
  private sequence = 3e9;

  private constructor(
    readonly directory: string,
    readonly store: ParquetOfflineStore,
  ) {}

  static async open(): Promise<OfflineHarness> {
    // A name with characters that mean something to DuckDB's globs and hive partitions.
    const directory = await mkdtemp(path.join(os.tmpdir(), 'mooring [offline] a=1 '));
    const harness: OfflineHarness = new OfflineHarness(directory, undefined as never);
    return Object.assign(harness, { store: new ParquetOfflineStore(directory, harness.engine) });
  }

  async close(): Promise<void> {
    await this.engine.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Writes batches of rows; the sequence counts up. */
  async view(schema: RowSchema, batches: readonly (readonly FeatureRowInput[])[]): Promise<ViewRows> {
    const stored: OfflineBatch[] = [];
    for (const rows of batches) {
      if (rows.length > 0) stored.push({ ...(await this.write(schema, rows)), ingestSequence: ++this.sequence });
    }
    // In another order than that of their sequences, which alone may count.
    return { view: 'view', schema, batches: stored.reverse() };
  }

  write(schema: RowSchema, rows: readonly FeatureRowInput[]) {
    const parser = new RowParser(schema);
    async function* slices() {
      yield parser.parse(rows, 0, rows.length);
      if (parser.problems.length > 0) throw new Error(JSON.stringify(parser.problems));
    }
    return this.store.writeBatch(randomUUID(), schema, slices());
  }

  /** Joins entity rows (join keys and eventTimestamp) with a view, and answers in their order. */
  async join(
    entityRows: readonly FeatureRowInput[],
    entityKeys: RowSchema['joinKeys'],
    rows: ViewRows,
    { ttlSeconds = null, leakageCutoff = false, features, joinKeyMap = {} }: JoinOptions = {},
  ): Promise<JoinedRow[]> {
    const schema = { joinKeys: entityKeys, fields: [] };
    const entityTable = `entities_${randomUUID()}`;
    const slice = new RowParser(schema).parse(entityRows, 0, entityRows.length);
    await this.engine.call('append', { table: entityTable, columns: storedColumns(schema), slice, firstRow: 0 });
    await this.engine.call('run', { statements: [`ALTER TABLE "${entityTable}" RENAME COLUMN __row TO ${ROW_ID}`] });
    const wanted = features ?? rows.schema.fields.map(({ name }) => ({ name, field: name }));
    const [matchTable, valueTable] = [`${entityTable}_match`, `${entityTable}_values`];
    const { match, read, settle } = pointInTimeSql({
      entityTable,
      rows: rowsSql(rows, this.store.pathOf),
      scan: scanSql(rows, this.store.pathOf, [...new Set(wanted.map(({ field }) => field))]),
      joinKeys: rows.schema.joinKeys.map(({ name }) => ({ name, entityKey: joinKeyMap[name] ?? name })),
      features: wanted,
      ttlSeconds,
      leakageCutoff,
      matchTable,
      valueTable,
    });
    await this.engine.call('run', { statements: [match, read, settle] });
    const values = wanted.map(({ name }) => `, v."${name}"`).join('');
    const joined = await this.engine.call('rows', {
      sql: `SELECT CASE WHEN m.${ROW_ID} IS NULL THEN 'NOT_FOUND' WHEN ${OUTSIDE_TTL} THEN 'OUTSIDE_TTL' ELSE 'FOUND' END AS status ${values}
        FROM "${entityTable}" e LEFT JOIN "${matchTable}" m ON m.${ROW_ID} = e.${ROW_ID} LEFT JOIN "${valueTable}" v ON v.${ROW_ID} = e.${ROW_ID}
        ORDER BY e.${ROW_ID}`,
    });
    const tables = [entityTable, matchTable, valueTable];
    await this.engine.call('run', { statements: tables.map((table) => `DROP TABLE "${table}"`) });
    return joined;
  }
}

/** A moment so many seconds after the beginning of 2026, with microseconds. */
export const at = (seconds: number): string => {
  const micros = BigInt(Math.round(seconds * 1e6));
  const millis = new Date(Date.UTC(2026, 0, 1) + Number(micros / 1000n)).toISOString().slice(0, -1);
  return `${millis}${String(micros % 1000n).padStart(3, '0')}Z`;
};
