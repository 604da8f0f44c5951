import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type {
  DatasetColumn,
  FeatureQualityRule,
  FeatureValue,
  JoinKey,
  StoredColumnStatistics,
} from '../../../entities';
import { buffersOf, EVENT_TIMESTAMP, type RowSchema, type RowSlice, storedColumns } from '../rows/row-slice';
import { DatasetBuild } from './build-dataset';
import type { DuckDbEngine } from './duckdb-engine';
import { withEntitySample } from './entity-sample';
import { evaluateRules } from './evaluate-rules';
import { jsonValue, withLatest } from './latest-rows';
import type {
  BuiltDataset,
  DatasetPlan,
  EntityChoice,
  EntitySample,
  EntityValues,
  EvaluatedRules,
  LatestRows,
  LatestWindow,
  OfflineStore,
  RewrittenBatches,
  RuleContext,
  StoredBatch,
  ViewRows,
  Work,
} from './offline-store';
import { type PatternProblem, patternProblem } from './pattern-problem';
import { rewriteRows, rowsOfEntity } from './rewrite-rows';
import { columnList, copySql, dropTableSql, pathLiteral, quoted, ROW_NUMBER } from './sql-text';
import { rowStatistics, viewStatistics } from './view-statistics';

const BATCHES = 'batches';
const DATASETS = 'datasets';
const TEMPORARY = '.tmp';

/** Immutable Parquet files below a directory; DuckDB writes, joins and reads them. Files are named relative to the directory, so that it can move. */
export class ParquetOfflineStore implements OfflineStore {
  constructor(
    private readonly directory: string,
    private readonly engine: DuckDbEngine,
  ) {}

  readonly pathOf = (file: string): string => path.join(this.directory, file);

  async writeBatch(folder: string, schema: RowSchema, slices: AsyncIterable<RowSlice>): Promise<StoredBatch> {
    const table = `batch_${randomUUID()}`;
    const file = await this.newFile(BATCHES, folder);
    const lane = 'short';
    return this.engine.holding(async () => {
      try {
        let firstRow = 0;
        let appended: Promise<unknown> = Promise.resolve();
        for await (const slice of slices) {
          // The next slice is made while one is appended, and no more of them wait.
          await appended;
          const request = { table, columns: storedColumns(schema), slice, firstRow };
          firstRow += slice.rowCount;
          appended = this.engine.call('append', request, { lane, transfer: buffersOf(slice) });
          // Should the slices end in an error, that one is told.
          appended.catch(() => undefined);
        }
        await appended;
        const select = `SELECT * FROM ${quoted(table)} ORDER BY ${ROW_NUMBER}`;
        await this.engine.call('run', { statements: [copySql(select, this.pathOf(file + TEMPORARY))] }, { lane });
        const sql = `SELECT min(${EVENT_TIMESTAMP}) AS first, max(${EVENT_TIMESTAMP}) AS last FROM ${quoted(table)}`;
        const [range] = await this.engine.call('rows', { sql }, { lane });
        const { sizeBytes } = await this.publish(file, lane);
        return {
          file,
          rowCount: firstRow,
          sizeBytes,
          minEventTimestamp: range.first as bigint,
          maxEventTimestamp: range.last as bigint,
        };
      } catch (error) {
        await this.remove(file);
        throw error;
      } finally {
        await this.engine.call('run', { statements: [dropTableSql(table)] }, { lane });
      }
    });
  }

  async rewrite(
    folder: string,
    parts: readonly ViewRows[],
    without: EntityValues | null,
    work: Work,
  ): Promise<RewrittenBatches | null> {
    const file = await this.newFile(BATCHES, folder);
    const [temporary, final] = [file + TEMPORARY, file].map(this.pathOf);
    try {
      const rowCount = await rewriteRows(this.engine, parts, without, temporary, work, this.pathOf);
      if (rowCount === 0) {
        await this.remove(file);
        return null;
      }
      await this.engine.call('publish', { from: temporary, to: final }, { signal: work.signal });
      return { file, rowCount };
    } catch (error) {
      await this.remove(file);
      throw error;
    }
  }

  rowsOfEntity(
    files: readonly string[],
    joinKeys: readonly JoinKey[],
    entity: EntityValues,
    work: Work,
  ): Promise<ReadonlyMap<string, number>> {
    return rowsOfEntity(this.engine, files, joinKeys, entity, work, this.pathOf);
  }

  async remove(file: string): Promise<void> {
    await rm(this.pathOf(file), { force: true });
    await rm(this.pathOf(file + TEMPORARY), { force: true });
  }

  async list(): Promise<{ batches: string[]; datasets: { file: string; datasetId: string }[] }> {
    const batches = await this.filesBelow(BATCHES);
    const datasets = await this.filesBelow(DATASETS);
    return { batches, datasets: datasets.map((file) => ({ file, datasetId: file.split('/')[1] })) };
  }

  async buildDataset(plan: DatasetPlan, work: Work): Promise<BuiltDataset> {
    const file = await this.newFile(DATASETS, plan.datasetId);
    const build = new DatasetBuild(this.engine, plan, work, this.pathOf);
    try {
      return await this.engine.holding(async () => ({
        file,
        ...(await build.run(this.pathOf(file + TEMPORARY), this.pathOf(file))),
      }));
    } catch (error) {
      await this.remove(file);
      throw error;
    }
  }

  async preview(
    file: string,
    columns: readonly DatasetColumn[],
    first: number,
  ): Promise<Record<string, FeatureValue>[]> {
    const names = columnList(columns.map(({ name }) => name));
    const sql = `SELECT ${names} FROM read_parquet(${pathLiteral(this.pathOf(file))}) LIMIT ${first}`;
    const rows = await this.engine.call('rows', { sql }, { lane: 'short' });
    return rows.map((row) => Object.fromEntries(columns.map((column) => [column.name, jsonValue(column, row)])));
  }

  latest<T>(rows: ViewRows, window: LatestWindow, work: Work, use: (latest: LatestRows) => Promise<T>): Promise<T> {
    return withLatest(this.engine, rows, window, work, this.pathOf, use);
  }

  sampleEntities<T>(
    rows: ViewRows,
    choice: EntityChoice,
    work: Work,
    use: (sample: EntitySample) => Promise<T>,
  ): Promise<T> {
    return withEntitySample(this.engine, rows, choice, work, this.pathOf, use);
  }

  evaluate(
    rows: ViewRows,
    rules: readonly FeatureQualityRule[],
    context: RuleContext,
    work: Work,
  ): Promise<EvaluatedRules> {
    return evaluateRules(this.engine, rows, rules, context, work, this.pathOf);
  }

  patternProblem(pattern: string): Promise<PatternProblem | null> {
    return patternProblem(this.engine, pattern);
  }

  statistics(rows: ViewRows, work: Work): Promise<StoredColumnStatistics[]> {
    return viewStatistics(this.engine, rows, work, this.pathOf);
  }

  rowStatistics(rows: ViewRows, work: Work): Promise<StoredColumnStatistics[]> {
    return rowStatistics(this.engine, rows, work, this.pathOf);
  }

  private publish(file: string, lane: 'short' | 'long'): Promise<{ sizeBytes: number }> {
    return this.engine.call('publish', { from: this.pathOf(file + TEMPORARY), to: this.pathOf(file) }, { lane });
  }

  private async newFile(kind: string, folder: string): Promise<string> {
    await mkdir(this.pathOf(path.posix.join(kind, folder)), { recursive: true });
    return path.posix.join(kind, folder, `${randomUUID()}.parquet`);
  }

  /** Files of a kind that are there, each as its final name even if it is only half written. */
  private async filesBelow(kind: string): Promise<string[]> {
    const folders = await readdir(this.pathOf(kind)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
    const files = await Promise.all(
      folders.map(async (folder) => {
        const names = await readdir(this.pathOf(path.posix.join(kind, folder)));
        return names.map((name) => path.posix.join(kind, folder, name.replace(/\.tmp$/, '')));
      }),
    );
    return [...new Set(files.flat())];
  }
}
