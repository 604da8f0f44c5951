import { randomUUID } from 'node:crypto';
import { entityKeyOf } from '../rows/entity-key';
import type { DuckDbEngine } from './duckdb-engine';
import { jsonValue, withLatest } from './latest-rows';
import type { EntityChoice, EntitySample, ViewRows, Work } from './offline-store';
import { rowsSql } from './scan.sql';
import { columnList, dropTableSql, quoted } from './sql-text';

/** See OfflineStore.sampleEntities. The least by a hash of key and seed: the same rows and seed choose the same entities. */
export async function withEntitySample<T>(
  engine: DuckDbEngine,
  rows: ViewRows,
  { count, seed }: EntityChoice,
  work: Work,
  pathOf: (file: string) => string,
  use: (sample: EntitySample) => Promise<T>,
): Promise<T> {
  const table = `sample_${randomUUID()}`;
  const { joinKeys } = rows.schema;
  const keys = columnList(joinKeys.map(({ name }) => name));
  const select = `SELECT ${keys} FROM (SELECT DISTINCT ${keys} FROM (${rowsSql(rows, pathOf)})) ORDER BY hash(${keys}, ${seed}::BIGINT), ${keys} LIMIT ${count}`;
  return engine.holding(async () => {
    try {
      await engine.call('run', { statements: [`CREATE TABLE ${quoted(table)} AS ${select}`] }, work);
      const chosen = await engine.call('rows', { sql: `SELECT ${keys} FROM ${quoted(table)}` }, work);
      return await use({
        entityKeys: chosen.map((row) => entityKeyOf(joinKeys.map((key) => jsonValue(key, row) as string))),
        latest: (within, window, read) => withLatest(engine, within, window, work, pathOf, read, table),
      });
    } finally {
      await engine.call('run', { statements: [dropTableSql(table)] });
    }
  });
}
