import type { Dtype, JoinKey } from '../../../entities';
import { DomainError } from '../../../errors';
import { parseTimestamp } from '../rows/timestamp-text';
import type { DuckDbEngine } from './duckdb-engine';
import type { EntityValues, ViewRows, Work } from './offline-store';
import { readSql, scanSql } from './scan.sql';
import { copySql, literal, pathLiteral, quoted, SQL_TYPES, timestampLiteral } from './sql-text';

/** Files looked into by one query, so that a cancellation and the progress do not wait for all. */
const FILES_AT_ONCE = 200;

/** See OfflineStore.rewrite. Rows stream from file to file in the order that is there: nothing is sorted, and no more than a few row groups are held. */
export async function rewriteRows(
  engine: DuckDbEngine,
  parts: readonly ViewRows[],
  without: EntityValues | null,
  temporary: string,
  work: Work,
  pathOf: (file: string) => string,
): Promise<number> {
  const scans = parts.map((rows) => {
    const fields = rows.schema.fields.map(({ name }) => name);
    const scan = scanSql(rows, pathOf, fields);
    return without === null ? scan : `SELECT * FROM (${scan}) WHERE NOT (${entitySql(rows.schema.joinKeys, without)})`;
  });
  const copy = copySql(scans.join(' UNION ALL '), temporary);
  await keyless(engine.call('run', { statements: [copy] }, { signal: work.signal }));
  const sql = `SELECT sum(num_rows)::DOUBLE AS n FROM parquet_file_metadata(${pathLiteral(temporary)})`;
  const [{ n }] = await engine.call('rows', { sql }, { signal: work.signal });
  return Number(n);
}

/** See OfflineStore.rowsOfEntity. */
export async function rowsOfEntity(
  engine: DuckDbEngine,
  files: readonly string[],
  joinKeys: readonly JoinKey[],
  entity: EntityValues,
  work: Work,
  pathOf: (file: string) => string,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (let from = 0; from < files.length; from += FILES_AT_ONCE) {
    const some = files.slice(from, from + FILES_AT_ONCE);
    // One SELECT each: their columns beside the keys may differ.
    const counts = some.map(
      (file, index) =>
        `SELECT ${index} AS file, count(*) AS n FROM ${readSql([file], pathOf)} WHERE ${entitySql(joinKeys, entity)}`,
    );
    const sql = `SELECT file, n::DOUBLE AS n FROM (${counts.join(' UNION ALL ')}) WHERE n > 0`;
    const rows = await keyless(engine.call('rows', { sql }, { signal: work.signal }));
    for (const { file, n } of rows) found.set(some[Number(file)], Number(n));
    work.progress?.(Math.min(1, (from + FILES_AT_ONCE) / files.length), 'looking for the entity');
  }
  return found;
}

/** DuckDB quotes the statement below its message, and who is to be forgotten must not come into the log. */
async function keyless<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new Error((error as Error).message.split('\n')[0]);
  }
}

/** Whether a row is one of the entity's. Join keys are never null. */
const entitySql = (joinKeys: readonly JoinKey[], entity: EntityValues): string =>
  joinKeys.map(({ name, dtype }) => `${quoted(name)} = ${valueLiteral(dtype, entity[name])}`).join(' AND ');

function valueLiteral(dtype: Dtype, value: string | number | boolean): string {
  if (dtype === 'TIMESTAMP') return timestampLiteral(parseTimestamp(String(value)) ?? 0n);
  return `CAST(${literal(String(value))} AS ${SQL_TYPES[dtype]})`;
}
