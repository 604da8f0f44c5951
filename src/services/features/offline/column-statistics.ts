import type { Column } from '../../../columns';
import type { Dtype, ListDtype, ScalarDtype, StoredColumnStatistics } from '../../../entities';
import { countBins, describeColumn, referenceBins } from '../../statistics';
import type { ColumnSlice } from '../rows/row-slice';
import { quoted } from './sql-text';

/** Collects a column's slices in the form that models and statistics take (see toModelInput; a BOOL is categorical here). */
export class ColumnCollector {
  private readonly numbers: Float64Array[] = [];
  private readonly texts: (string | null)[] = [];

  constructor(
    private readonly name: string,
    private readonly kind: Column['kind'],
  ) {}

  add(slice: ColumnSlice): void {
    if (this.kind === 'NUMERIC') this.numbers.push(toNumbers(slice));
    else for (const value of toTexts(slice)) this.texts.push(value);
  }

  column(): Column {
    const { name } = this;
    if (this.kind === 'CATEGORICAL') return { name, kind: 'CATEGORICAL', values: this.texts };
    const values = new Float64Array(this.numbers.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of this.numbers) {
      values.set(part, offset);
      offset += part.length;
    }
    return { name, kind: 'NUMERIC', values };
  }
}

export const describedKind = (dtype: Dtype): Column['kind'] =>
  dtype === 'STRING' || dtype === 'BOOL' ? 'CATEGORICAL' : 'NUMERIC';

export function describeAs(dtype: ScalarDtype, column: Column): StoredColumnStatistics {
  const { count, nullCount, distinctCount, min, max, mean, stddev, quantiles, histogram, topValues } =
    describeColumn(column);
  const { name } = column;
  const spec = referenceBins(column);
  const profile = { spec, counts: countBins(spec, column) };
  const figures = { count, nullCount, distinctCount, min, max, mean, stddev, quantiles, histogram, topValues };
  return { name, dtype, ...figures, profile };
}

export interface ListCounts {
  readonly count: number;
  readonly nullCount: number;
  readonly distinctCount: number;
}

/** SELECT of the ListCounts of a query's one column. Of lists their hashes are told apart: a million embeddings would fill the memory. */
export const listCountsSql = (sql: string, column: string): string =>
  `SELECT count(*)::DOUBLE AS "count", (count(*) - count(${quoted(column)}))::DOUBLE AS "nullCount",
     count(DISTINCT hash(${quoted(column)})) FILTER (${quoted(column)} IS NOT NULL)::DOUBLE AS "distinctCount" FROM (${sql})`;

/** A list has no order and no bins. */
export const describeLists = (name: string, dtype: ListDtype, counts: ListCounts): StoredColumnStatistics => ({
  name,
  dtype,
  ...counts,
  min: null,
  max: null,
  mean: null,
  stddev: null,
  quantiles: [],
  histogram: null,
  topValues: [],
});

/** Null is NaN; TIMESTAMP is in seconds since 1970. */
function toNumbers(slice: ColumnSlice): Float64Array {
  if (!('nulls' in slice)) throw new Error(`${slice.dtype} is no number`);
  const scale = slice.dtype === 'TIMESTAMP' ? 1e6 : 1;
  const numbers = new Float64Array(slice.values.length);
  for (let row = 0; row < numbers.length; row++) {
    numbers[row] = slice.nulls[row] ? Number.NaN : Number(slice.values[row]) / scale;
  }
  return numbers;
}

function toTexts(slice: ColumnSlice): (string | null)[] {
  if (slice.dtype === 'STRING') return slice.values;
  if (slice.dtype !== 'BOOL') throw new Error('Only BOOL and STRING are categories');
  return Array.from(slice.values, (value, row) => (slice.nulls[row] ? null : String(value === 1)));
}
