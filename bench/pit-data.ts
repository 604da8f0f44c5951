import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DatasetColumn } from '../src/entities';
import type { DatasetPlan, OfflineBatch, ViewRows } from '../src/services/features/offline/offline-store';
import type { RowSchema } from '../src/services/features/rows/row-slice';

/** How much there is to join. */
export interface PitSize {
  readonly directory: string;
  readonly entityRows: number;
  readonly featureRows: number;
  readonly keys: number;
}

export const FIELDS = ['f0', 'f1', 'f2', 'f3', 'f4'];
const BATCHES = 10;
const YEAR_SECONDS = 31_536_000;
const KEYS: RowSchema['joinKeys'] = [{ name: 'customer_id', dtype: 'INT64' }];
const FEATURES: RowSchema = { joinKeys: KEYS, fields: FIELDS.map((name) => ({ name, dtype: 'DOUBLE' })) };
const LABELS: RowSchema = { joinKeys: KEYS, fields: [{ name: 'churned', dtype: 'BOOL' }] };
const LABEL_FILE = 'batches/labels/0.parquet';
const featureFile = (batch: number) => `batches/features/${batch}.parquet`;

/**
 * Writes labels and features as ingest does, batch by batch in no order of time: keys and times are uniform over a year; features become known an
 * hour after their event on average, exponentially; every hundredth row has the key and the event of another.
 */
export async function writePitData({ directory, entityRows, featureRows, keys }: PitSize): Promise<void> {
  for (const folder of ['features', 'labels']) mkdirSync(path.join(directory, 'batches', folder), { recursive: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const moment = (id: string, salt: number) =>
    `make_timestamp(1735689600000000 + (hash(${id}, ${salt}) % ${YEAR_SECONDS})::BIGINT * 1000000)`;
  const write = async (select: string, rows: number, file: string) => {
    const target = path.join(directory, file);
    await connection.run(
      `COPY (SELECT i::INTEGER AS __row, ${select} FROM range(${rows}) r(i)) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`,
    );
  };
  const perBatch = featureRows / BATCHES;
  for (let batch = 0; batch < BATCHES; batch++) {
    const own = `i + ${batch * perBatch}`;
    const event = `(${own} + CASE WHEN i % 100 = 0 THEN 1 ELSE 0 END)`;
    const delay = `to_microseconds((-ln(1 - (hash(${own}, 3) % 1000000) / 1e6) * 3600e6)::BIGINT)`;
    const fields = FIELDS.map((name, index) => `(hash(${own}, ${10 + index}) % 1000000) / 1e3 AS ${name}`);
    await write(
      `(hash(${event}, 1) % ${keys})::BIGINT AS customer_id, ${moment(event, 2)} AS event_timestamp, event_timestamp + ${delay} AS created_timestamp, ${fields.join(', ')}`,
      perBatch,
      featureFile(batch),
    );
  }
  await write(
    `(hash(i, 99) % ${keys})::BIGINT AS customer_id, ${moment('i', 98)} AS event_timestamp, NULL::TIMESTAMP AS created_timestamp, hash(i, 97) % 5 = 0 AS churned`,
    entityRows,
    LABEL_FILE,
  );
  connection.closeSync();
  instance.closeSync();
}

const rowsOf = (view: string, schema: RowSchema, files: readonly string[]): ViewRows => ({
  view,
  schema,
  batches: files.map((file, index): OfflineBatch => ({ file, ingestSequence: index + 1 })),
});

/** What createDataset would ask of the store. */
export function pitPlan(leakageCutoff: boolean): DatasetPlan {
  const files = Array.from({ length: BATCHES }, (_, batch) => featureFile(batch));
  const columns: DatasetColumn[] = [
    { name: 'customer_id', dtype: 'INT64', role: 'JOIN_KEY' },
    { name: 'event_timestamp', dtype: 'TIMESTAMP', role: 'EVENT_TIMESTAMP' },
    ...FIELDS.map((name): DatasetColumn => ({ name, dtype: 'DOUBLE', role: 'FEATURE' })),
    { name: '__label', dtype: 'BOOL', role: 'LABEL' },
    { name: '__held_out', dtype: 'BOOL', role: 'HELD_OUT' },
  ];
  return {
    datasetId: 'bench',
    labels: { rows: rowsOf('churn', LABELS, [LABEL_FILE]), field: 'churned', from: null, to: null },
    views: [
      {
        rows: rowsOf('usage', FEATURES, files),
        joinKeys: [{ name: 'customer_id', entityKey: 'customer_id' }],
        ttlSeconds: null,
        features: FIELDS.map((name) => ({ name, field: name })),
      },
    ],
    onDemandFeatures: [],
    requestInputs: [],
    columns,
    leakageCutoff,
    split: { strategy: 'TIME', heldOutFraction: 0.25, seed: 42 },
  };
}

/** The barest join of the same files: of rows with the same key and time any may win, and what was known when is nobody's business. */
export function barePitSql(directory: string): string {
  const featureFiles = path.join(directory, 'batches', 'features', '*.parquet');
  return `SELECT l.customer_id, l.event_timestamp, ${FIELDS.map((name) => `f.${name}`).join(', ')}, l.churned
    FROM read_parquet('${path.join(directory, LABEL_FILE)}') l
    ASOF LEFT JOIN read_parquet('${featureFiles}') f ON l.customer_id = f.customer_id AND l.event_timestamp >= f.event_timestamp`;
}
