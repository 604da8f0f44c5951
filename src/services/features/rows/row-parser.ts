import type { Dtype, FeatureValue } from '../../../entities';
import { type FeatureRowInput, isProblem, parseValue } from './feature-value';
import { type ColumnSlice, newColumnSlice, type RowSchema, type RowSlice, storeValue } from './row-slice';

/** A value that is not acceptable: where it stands and what would be right. */
export interface RowProblem {
  readonly row: number;
  /** As the client named it, for example eventTimestamp. */
  readonly column: string;
  readonly problem: string;
}

/** Names under which rows carry their two timestamps. */
const EVENT_TIMESTAMP_INPUT = 'eventTimestamp';
const CREATED_TIMESTAMP_INPUT = 'createdTimestamp';
/** More would bury the cause: the same mistake is mostly made in every row. */
export const MAX_REPORTED_PROBLEMS = 20;

interface InputColumn {
  readonly name: string;
  readonly dtype: Dtype;
  readonly required: boolean;
}

/** Turns rows into columns, checking each value against the schema of its view. */
export class RowParser {
  private readonly columns: readonly InputColumn[];
  private readonly names: ReadonlySet<string>;
  readonly problems: RowProblem[] = [];

  constructor(schema: RowSchema) {
    this.columns = [
      ...schema.joinKeys.map((key) => ({ ...key, required: true })),
      { name: EVENT_TIMESTAMP_INPUT, dtype: 'TIMESTAMP', required: true },
      { name: CREATED_TIMESTAMP_INPUT, dtype: 'TIMESTAMP', required: false },
      ...schema.fields.map((field) => ({ ...field, required: false })),
    ];
    this.names = new Set(this.columns.map(({ name }) => name));
  }

  get full(): boolean {
    return this.problems.length >= MAX_REPORTED_PROBLEMS;
  }

  /**
   * Parses rows[from] to rows[to − 1]. What is wrong goes to `problems`, and the slice is then of no use. A missing value is null; join keys and
   * eventTimestamp must be there; a column that the view does not have is refused, since it is most likely misspelt.
   */
  parse(rows: readonly FeatureRowInput[], from: number, to: number): RowSlice {
    const slices = this.columns.map(({ dtype }) => newColumnSlice(dtype, to - from));
    for (let index = from; index < to && !this.full; index++) {
      const row = rows[index];
      let present = 0;
      for (let column = 0; column < this.columns.length; column++) {
        const { name } = this.columns[column];
        const value = Object.hasOwn(row, name) ? row[name] : undefined;
        if (value !== undefined) present++;
        this.put(slices[column], this.columns[column], index, index - from, value ?? null);
      }
      if (Object.keys(row).length !== present) this.reportUnknown(row, index);
    }
    return { rowCount: to - from, columns: slices };
  }

  private put(slice: ColumnSlice, column: InputColumn, row: number, target: number, value: FeatureValue): void {
    if (value === null) {
      if (column.required) this.report(row, column.name, 'is missing; every row needs it');
      return;
    }
    const typed = parseValue(column.dtype, value);
    if (isProblem(typed)) this.report(row, column.name, `${showValue(value)} is not ${typed.expected}`);
    else storeValue(slice, target, typed);
  }

  private reportUnknown(row: FeatureRowInput, index: number): void {
    for (const [name, value] of Object.entries(row)) {
      if (this.names.has(name) || value === undefined) continue;
      this.report(index, name, `the view has no such column; it has ${[...this.names].join(', ')}`);
    }
  }

  private report(row: number, column: string, problem: string): void {
    if (!this.full) this.problems.push({ row, column, problem });
  }
}

/** A value as messages quote it. */
export const showValue = (value: FeatureValue): string => {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};
