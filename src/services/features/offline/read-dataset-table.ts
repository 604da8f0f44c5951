import { DuckDBInstance } from '@duckdb/node-api';
import type { ColumnTable } from '../../../columns';
import type { DatasetColumn, ScalarDtype } from '../../../entities';
import { entityKeyOf } from '../rows/entity-key';
import { isListDtype, toFeatureValue, type TypedScalar } from '../rows/feature-value';
import { type ColumnSlice, EVENT_TIMESTAMP, type StoredColumn, valueAt } from '../rows/row-slice';
import { formatTimestamp } from '../rows/timestamp-text';
import { readSlices } from './column-reader';
import { ColumnCollector } from './column-statistics';
import { HELD_OUT, LABEL } from './dataset.sql';
import { columnList, pathLiteral } from './sql-text';

/** Where a ready dataset is and what it holds; it can be sent between threads. */
export interface DatasetFile {
  readonly datasetId: string;
  /** Absolute path of the Parquet file. */
  readonly file: string;
  readonly columns: readonly DatasetColumn[];
  readonly joinKeys: readonly string[];
  /** Those that models can read: lists are none of them. */
  readonly features: readonly { readonly name: string; readonly dtype: ScalarDtype }[];
  readonly featureServiceVersionId: string;
  readonly fingerprint: string;
  readonly qualityPassed: boolean;
}

/** A dataset in memory; everything is in its order of rows. */
export interface DatasetTable {
  /** The features under their service names (see toModelInput for how types become numbers). */
  readonly table: ColumnTable;
  /** 1 for true, 0 for false. */
  readonly labels: Float64Array;
  /** 1 where a row is held out. */
  readonly heldOut: Uint8Array;
  /** Entity key and time of each row, the same for the same entity and time in every dataset. */
  readonly rowIds: readonly string[];
}

/** A part of a dataset's rows: those that models are judged on, or those that they learn from. */
export type DatasetPart = 'HELD_OUT' | 'TRAINING';

const WHERE: Readonly<Record<DatasetPart, string>> = {
  HELD_OUT: `WHERE ${HELD_OUT}`,
  TRAINING: `WHERE NOT ${HELD_OUT}`,
};

/**
 * Reads a dataset into memory, in the thread that calls it: meant for worker threads, which it keeps busy (160,000 rows of 20 columns: about 1 s).
 * The DuckDB that it opens is its own and is closed again.
 * @param part its rows alone; absent: all
 */
export async function readDatasetTable(dataset: DatasetFile, part?: DatasetPart): Promise<DatasetTable> {
  const { features } = dataset;
  const columns = dataset.columns.filter(({ dtype }) => !isListDtype(dtype));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const collectors = new Map(
      features.map(({ name, dtype }) => [
        name,
        new ColumnCollector(name, dtype === 'STRING' ? 'CATEGORICAL' : 'NUMERIC'),
      ]),
    );
    const labels = new ColumnCollector(LABEL, 'NUMERIC');
    const heldOut = new ColumnCollector(HELD_OUT, 'NUMERIC');
    const rowIds: string[] = [];
    const sql = `SELECT ${columnList(columns.map(({ name }) => name))} FROM read_parquet(${pathLiteral(dataset.file)}) ${part ? WHERE[part] : ''}`;
    await readSlices(connection, sql, columns, (slices, rowCount) => {
      columns.forEach(({ name, role }, index) => {
        if (role === 'FEATURE') collectors.get(name)?.add(slices[index]);
        else if (role === 'LABEL') labels.add(slices[index]);
        else if (role === 'HELD_OUT') heldOut.add(slices[index]);
      });
      appendRowIds(rowIds, columns, slices, rowCount);
    });
    return {
      table: { rowCount: rowIds.length, columns: [...collectors.values()].map((collector) => collector.column()) },
      labels: labels.column().values as Float64Array,
      heldOut: Uint8Array.from(heldOut.column().values as Float64Array),
      rowIds,
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function appendRowIds(
  rowIds: string[],
  columns: readonly DatasetColumn[],
  slices: readonly ColumnSlice[],
  rowCount: number,
): void {
  const keys = columns.flatMap((column, index) =>
    column.role === 'JOIN_KEY' ? [{ column, slice: slices[index] }] : [],
  );
  const times = slices[columns.findIndex(({ name }) => name === EVENT_TIMESTAMP)];
  for (let row = 0; row < rowCount; row++) {
    const key = entityKeyOf(keys.map(({ column, slice }) => keyValue(column, slice, row)));
    rowIds.push(`${key}@${formatTimestamp(times.values[row] as bigint)}`);
  }
}

function keyValue({ dtype }: StoredColumn, slice: ColumnSlice, row: number): string | number | boolean {
  return toFeatureValue(dtype as ScalarDtype, valueAt(slice, row) as TypedScalar);
}
