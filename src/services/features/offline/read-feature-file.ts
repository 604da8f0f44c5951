import { open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Dtype, FeatureFileFormat } from '../../../entities';
import { InvalidInput, InvalidInputs } from '../../../errors';
import { isListDtype, isProblem, parseValue } from '../rows/feature-value';
import { MAX_REPORTED_PROBLEMS, showValue } from '../rows/row-parser';
import { type RowSchema, storedColumns } from '../rows/row-slice';
import type { DuckDbEngine } from './duckdb-engine';
import {
  BAD_VALUE,
  csvSource,
  type FileColumn,
  inputColumns,
  limitBufferSql,
  parquetSource,
  problemsSql,
  writeBatchesSql,
} from './feature-file.sql';
import { TEXT_CONVERSIONS, typedConversion, typesTaken } from './feature-file-values.sql';
import type { Work } from './offline-store';
import { quoted } from './sql-text';

/** A header is within the first MiB. */
const HEADER_BYTES = 2 ** 20;
/** What DuckDB says when it is not the file's fault. */
const FAULT = /^(Out of Memory|IO|INTERNAL|Fatal|Interrupt|TransactionContext) Error/i;

interface OpenFile {
  readonly source: string;
  readonly columns: readonly FileColumn[];
}

/** A CSV or Parquet file of features on its way to batches. Whatever of it does not fit the view is said in typed errors. */
export class FeatureFileReader {
  constructor(
    private readonly engine: DuckDbEngine,
    private readonly file: string,
    private readonly format: FeatureFileFormat,
    private readonly schema: RowSchema,
    private readonly work: Work,
  ) {}

  /**
   * Writes `<folder>/__part=<n>/data_0.parquet`. Values are checked as they are written; only where one is bad, the file is read again for what to say.
   * @throws InvalidInputs with up to 20 problems, InvalidInput when it is no such file
   */
  async writeTo(folder: string): Promise<void> {
    const { source, columns } = this.format === 'CSV' ? await this.openCsv() : await this.openParquet();
    const statements = [limitBufferSql(columns.length), writeBatchesSql(source, columns, folder)];
    try {
      await this.engine.call('run', { statements }, this.work);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes(BAD_VALUE))) throw this.broken(error);
      throw new InvalidInputs(await this.problems(source, columns));
    }
  }

  private async openCsv(): Promise<OpenFile> {
    const names = headerOf(await this.head());
    const repeated = names.filter((name, index) => names.indexOf(name) !== index);
    if (repeated.length > 0)
      throw new InvalidInput(['columns', repeated[0]], 'comes twice in the header; name each column once');
    const source = csvSource(this.file, names.length);
    const columns = this.matched(names, (dtype, index) =>
      isListDtype(dtype)
        ? `is ${dtype}, for which CSV has no spelling; send a Parquet file`
        : { sql: `c${index}`, conversion: TEXT_CONVERSIONS[dtype] },
    );
    return { source, columns };
  }

  private async openParquet(): Promise<OpenFile> {
    const source = parquetSource(this.file);
    const found = await this.engine
      .call('rows', { sql: `DESCRIBE SELECT * FROM ${source}` }, this.work)
      .catch((error: unknown) => {
        throw this.broken(error, true);
      });
    const columns = this.matched(
      found.map((row) => String(row.column_name)),
      (dtype, index) => {
        const { column_name: name, column_type: type } = found[index];
        const conversion = typedConversion(dtype, String(type));
        if (conversion) return { sql: quoted(String(name)), conversion };
        return `is of type ${String(type)}, which ${dtype} does not take; write it as one of ${typesTaken(dtype).join(', ')}`;
      },
    );
    return { source, columns };
  }

  /**
   * @param sourceOf what is wrong with a column, where something is
   * @throws InvalidInputs naming the columns that are missing, those that the view does not have, and those of another type
   */
  private matched(
    names: readonly string[],
    sourceOf: (dtype: Dtype, index: number) => NonNullable<FileColumn['source']> | string,
  ): FileColumn[] {
    const columns = inputColumns(this.schema);
    const all = columns.map(({ name }) => name);
    const missing = columns.filter(({ name, required }) => required && !names.includes(name));
    const unknown = names.filter((name) => !all.includes(name));
    const problems = [
      ...missing.map(({ name }) => new InvalidInput(['columns', name], 'is missing; every row needs it')),
      ...unknown.map(
        (name) => new InvalidInput(['columns', name], `the view has no such column; it has ${all.join(', ')}`),
      ),
    ];
    if (problems.length > 0) throw new InvalidInputs(problems.slice(0, MAX_REPORTED_PROBLEMS));
    const dtypes = storedColumns(this.schema);
    const matched = columns.map((column, index): FileColumn => {
      const at = names.indexOf(column.name);
      const source = at < 0 ? null : sourceOf(dtypes[index].dtype, at);
      if (typeof source !== 'string') return { ...column, source };
      problems.push(new InvalidInput(['columns', column.name], source));
      return { ...column, source: null };
    });
    if (problems.length > 0) throw new InvalidInputs(problems.slice(0, MAX_REPORTED_PROBLEMS));
    return matched;
  }

  private async problems(source: string, columns: readonly FileColumn[]): Promise<InvalidInput[]> {
    const dtypes = storedColumns(this.schema);
    const sql = problemsSql(source, columns, MAX_REPORTED_PROBLEMS);
    const rows = await this.engine.call('rows', { sql }, this.work);
    const problems = rows.flatMap((row) =>
      columns.flatMap(({ name }, index) => {
        const found = row[`p${index}`];
        if (found === null) return [];
        const problem =
          found === 'm' ? 'is missing; every row needs it' : describe(dtypes[index].dtype, String(found).slice(1));
        return [new InvalidInput(['rows', String(row.n), name], problem)];
      }),
    );
    return problems.slice(0, MAX_REPORTED_PROBLEMS);
  }

  private async head(): Promise<Buffer> {
    const file = await open(this.file, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** @param always the file was only looked at, so whatever went wrong is its fault */
  private broken(error: unknown, always = false): unknown {
    if (!(error instanceof Error) || error.constructor !== Error || (FAULT.test(error.message) && !always))
      return error;
    // The rest are hints for users of DuckDB, its settings, and where the file lies here.
    const [said] = error.message.split(/\n\s*(?:Possible |LINE \d|file = )/);
    const text = said
      .replaceAll(this.file, 'file')
      .replace(/^[\w ]+ Error: /, '')
      .replace(/\s+/g, ' ')
      .trim();
    const kind = this.format === 'CSV' ? 'a CSV file in UTF-8, with commas and double quotes' : 'a Parquet file';
    return new InvalidInput(['file'], `cannot be read as ${kind}: ${text.slice(0, 300)}`);
  }
}

/** @throws InvalidInput */
function headerOf(head: Buffer): string[] {
  let records: string[][];
  try {
    records = parse(head, { to: 1, bom: true, relax_column_count: true });
  } catch (error) {
    throw new InvalidInput(['file'], `its header cannot be read as CSV: ${(error as Error).message}`);
  }
  if (records.length === 0) throw new InvalidInput(['file'], 'is empty; the first line names the columns');
  return records[0];
}

function describe(dtype: Dtype, found: string): string {
  const problem = parseValue(dtype, found);
  // A whole number that parses and yet is bad does not fit the column without loss.
  const expected = isProblem(problem) ? problem.expected : 'a value that can be stored without loss';
  return `${showValue(found)} is not ${expected}`;
}
