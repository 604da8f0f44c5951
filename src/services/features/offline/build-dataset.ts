import { randomUUID } from 'node:crypto';
import { InvalidInput } from '../../../errors';
import { EVENT_TIMESTAMP } from '../rows/row-slice';
import {
  classCountsSql,
  datasetSql,
  entityRowsSql,
  HELD_OUT,
  heldOutByKeySql,
  heldOutFromSql,
  inputsSql,
  LABEL,
  timeSplitSql,
  type ValueTable,
} from './dataset.sql';
import type { DuckDbEngine } from './duckdb-engine';
import type { SqlRow } from './duckdb-protocol';
import type { BuiltDataset, DatasetPlan, JoinedView, Work } from './offline-store';
import { OUTSIDE_TTL, pointInTimeSql, ROW_ID } from './point-in-time.sql';
import { knownCountSql, rowsSql, scanSql } from './scan.sql';
import { columnList, copySql, dropTableSql, pathLiteral, quoted } from './sql-text';

const EVALUATED_ROWS = 2 ** 17;

/** Builds the file of one dataset: entity rows, one join per view, split, Parquet, and what is to be known about it. */
export class DatasetBuild {
  private readonly name = `dataset_${randomUUID()}`;
  private readonly warnings: string[] = [];
  private readonly keys: readonly string[];
  private steps = 0;

  constructor(
    private readonly engine: DuckDbEngine,
    private readonly plan: DatasetPlan,
    private readonly work: Work,
    private readonly pathOf: (file: string) => string,
  ) {
    this.keys = plan.labels.rows.schema.joinKeys.map(({ name }) => name);
  }

  /**
   * @param temporary where to write
   * @param file where the finished file goes
   */
  async run(temporary: string, file: string): Promise<Omit<BuiltDataset, 'file'>> {
    const tables = [
      this.name,
      `${this.name}_match`,
      ...this.plan.views.map((_, index) => this.viewTable(index)),
      this.onDemandTable,
    ];
    try {
      await this.entityRows();
      const heldOut = await this.split();
      for (const [index, view] of this.plan.views.entries()) await this.join(view, index);
      const values: ValueTable[] = this.plan.views.map((view, index) => ({
        table: this.viewTable(index),
        features: view.features.map(({ name }) => name),
      }));
      await this.evaluate(values);
      this.step('Writing');
      const features = this.plan.columns.filter(({ role }) => role === 'FEATURE').map(({ name }) => name);
      await this.execute(copySql(datasetSql(this.name, this.keys, values, features, heldOut), temporary));
      return await this.describe(temporary, file);
    } finally {
      // Also after a cancellation, so without its signal.
      await this.engine.call('run', { statements: tables.map(dropTableSql) });
    }
  }

  private async entityRows(): Promise<void> {
    const { rows, field, from, to } = this.plan.labels;
    this.step(`Reading the labels of ${rows.view}`);
    const inputs = this.plan.requestInputs.map(({ name }) => name);
    const scan = scanSql(rows, this.pathOf, [field, ...inputs]);
    const select = entityRowsSql(scan, this.keys, { field, from, to }, inputs);
    await this.execute(`CREATE TABLE ${quoted(this.name)} AS ${select}`);
    const counts = await this.row(
      `SELECT count(*)::DOUBLE AS n, count(*) FILTER (${LABEL} IS NULL)::DOUBLE AS unlabelled FROM ${quoted(this.name)}`,
    );
    const unlabelled = Number(counts.unlabelled);
    if (Number(counts.n) === unlabelled) {
      throw new InvalidInput(
        'input.labels',
        `${rows.view} has no row with a label in this range. Ingest labels, or widen from and to.`,
      );
    }
    if (unlabelled === 0) return;
    await this.execute(`DELETE FROM ${quoted(this.name)} WHERE ${LABEL} IS NULL`);
    this.warnings.push(`${unlabelled} rows of ${rows.view} have no ${field} and were left out.`);
  }

  /** @returns SQL of whether a row is held out */
  private async split(): Promise<string> {
    const { split } = this.plan;
    let heldOut: string;
    if (split.strategy === 'TIME') {
      const { timestamps, held_out_from: from } = await this.row(timeSplitSql(this.name, split));
      if (Number(timestamps) < 2) {
        throw new InvalidInput(
          'input.split.strategy',
          'all labelled rows have the same eventTimestamp, so they cannot be split by TIME; use STRATIFIED',
        );
      }
      heldOut = heldOutFromSql(from as bigint);
    } else {
      heldOut = heldOutByKeySql(this.keys, split);
    }
    const classes = await this.rows(classCountsSql(this.name, heldOut));
    const oneSided = classes.filter((row) => Number(row.held_out) === 0 || Number(row.training) === 0);
    const names = oneSided.map(({ label }) => String(label)).join(' and ');
    if (oneSided.length > 0 && split.strategy === 'STRATIFIED') {
      throw new InvalidInput(
        'input.split',
        `all rows with the label ${names} fall on one side of the split; add rows, or use another heldOutFraction or seed`,
      );
    }
    if (oneSided.length > 0) this.warnings.push(`All rows with the label ${names} are on one side of the split.`);
    if (classes.length === 1) this.warnings.push('All rows have the same label.');
    return heldOut;
  }

  private async join(view: JoinedView, index: number): Promise<void> {
    const { rows, features, joinKeys, ttlSeconds } = view;
    const [matchTable, valueTable] = [`${this.name}_match`, this.viewTable(index)];
    this.step(`Matching ${rows.view}`);
    const { match, read, settle } = pointInTimeSql({
      entityTable: this.name,
      rows: rowsSql(rows, this.pathOf),
      scan: scanSql(rows, this.pathOf, [...new Set(features.map(({ field }) => field))]),
      joinKeys,
      features,
      ttlSeconds,
      leakageCutoff: await this.cutoffFor(view),
      matchTable,
      valueTable,
    });
    await this.execute(match);
    await this.warnOfMissing(view, matchTable);
    this.step(`Reading ${rows.view}`);
    await this.execute(read);
    await this.execute(settle);
    await this.execute(dropTableSql(matchTable));
  }

  private async warnOfMissing({ rows, joinKeys }: JoinedView, matchTable: string): Promise<void> {
    const counts = await this.row(
      `SELECT (SELECT count(*) FROM ${quoted(this.name)})::DOUBLE AS n, count(*)::DOUBLE AS found,
         count(*) FILTER (${OUTSIDE_TTL})::DOUBLE AS outside FROM ${quoted(matchTable)}`,
    );
    const [n, found, outside] = [counts.n, counts.found, counts.outside].map(Number);
    const parts = [
      ...(found < n ? [`${n - found} found nothing`] : []),
      ...(outside > 0 ? [`${outside} only what is older than the TTL`] : []),
    ];
    const mapped = joinKeys.some(({ name, entityKey }) => name !== entityKey)
      ? ` by ${joinKeys.map(({ entityKey }) => entityKey).join(', ')}`
      : '';
    if (parts.length > 0)
      this.warnings.push(`Of ${n} rows, in ${rows.view}${mapped} ${parts.join(' and ')}; their values are null.`);
  }

  /** Part by part, so that a cancellation waits for one part only, and no more than that is in memory. */
  private async evaluate(values: ValueTable[]): Promise<void> {
    const { onDemandFeatures, requestInputs, columns } = this.plan;
    if (onDemandFeatures.length === 0) return;
    this.step('Computing on-demand features');
    const names = new Set(onDemandFeatures.flatMap(({ inputs }) => inputs));
    const stored = new Set(values.flatMap(({ features }) => features));
    const inputs = [...columns.filter(({ name }) => stored.has(name) && names.has(name)), ...requestInputs];
    // The entity rows themselves carry the request inputs.
    const given =
      requestInputs.length > 0 ? [{ table: this.name, features: requestInputs.map(({ name }) => name) }] : [];
    const { last } = await this.row(`SELECT max(${ROW_ID})::DOUBLE AS last FROM ${quoted(this.name)}`);
    for (let from = 1; from <= Number(last); from += EVALUATED_ROWS) {
      const range = [from, from + EVALUATED_ROWS - 1] as const;
      const sql = inputsSql(
        this.name,
        [...values, ...given],
        inputs.map(({ name }) => name),
        range,
      );
      const request = { sql, inputs, features: onDemandFeatures, table: this.onDemandTable };
      await this.engine.call('evaluate', request, { signal: this.work.signal });
    }
    values.push({ table: this.onDemandTable, features: onDemandFeatures.map(({ name }) => name) });
  }

  /** The cutoff needs to know when the source knew a row; where no row says so it cannot be, and the dataset says that. */
  private async cutoffFor({ rows }: JoinedView): Promise<boolean> {
    if (!this.plan.leakageCutoff) return false;
    const counts = await this.row(knownCountSql(rows, this.pathOf));
    const [n, known] = [Number(counts.n), Number(counts.known)];
    if (n > 0 && known === 0)
      this.warnings.push(`The leakage cutoff is off for ${rows.view}: its rows have no createdTimestamp.`);
    else if (known < n)
      this.warnings.push(
        `${n - known} rows of ${rows.view} have no createdTimestamp, so the leakage cutoff leaves them out.`,
      );
    return known > 0;
  }

  private async describe(temporary: string, file: string): Promise<Omit<BuiltDataset, 'file'>> {
    const { columns } = this.plan;
    const { signal } = this.work;
    const source = `read_parquet(${pathLiteral(temporary)})`;
    this.step('Computing statistics');
    const totals = await this.row(
      `SELECT count(*)::DOUBLE AS n, count(*) FILTER (${HELD_OUT})::DOUBLE AS held_out,
         min(${EVENT_TIMESTAMP}) AS first, max(${EVENT_TIMESTAMP}) AS last FROM ${source}`,
    );
    const statistics = [];
    // One column at a time: a dataset need not fit in memory, a column must.
    for (const column of columns.filter(({ role }) => role === 'FEATURE' || role === 'LABEL')) {
      const sql = `SELECT ${quoted(column.name)} FROM ${source}`;
      statistics.push(await this.engine.call('describe', { sql, column }, { signal }));
    }
    this.step('Computing the fingerprint');
    const sql = `SELECT ${columnList(columns.map(({ name }) => name))} FROM ${source}`;
    const columnDigests = await this.engine.call('digest', { sql, columns }, { signal });
    const { sizeBytes } = await this.engine.call('publish', { from: temporary, to: file }, { signal });
    return {
      rowCount: Number(totals.n),
      heldOutRowCount: Number(totals.held_out),
      sizeBytes,
      minEventTimestamp: totals.first as bigint,
      maxEventTimestamp: totals.last as bigint,
      columnDigests,
      statistics,
      warnings: [...new Set(this.warnings)],
    };
  }

  private step(message: string): void {
    this.work.progress?.(this.steps++ / (2 * this.plan.views.length + 5), message);
  }

  private get onDemandTable(): string {
    return `${this.name}_on_demand`;
  }

  private readonly viewTable = (index: number): string => `${this.name}_${index}`;

  private async execute(statement: string): Promise<void> {
    await this.engine.call('run', { statements: [statement] }, { signal: this.work.signal });
  }

  private rows(sql: string): Promise<SqlRow[]> {
    return this.engine.call('rows', { sql }, { signal: this.work.signal });
  }

  private async row(sql: string): Promise<SqlRow> {
    return (await this.rows(sql))[0];
  }
}
