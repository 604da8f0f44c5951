import { createHash } from 'node:crypto';
import type { DataSource, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { Model, ModelVersion, ModelVersionMetric } from '../../../entities';
import { type ListArgs, listOrdered, type Page, type SortKey } from '../../database';
import type { RegistryReader } from '../registry-reader';
import { modelByName } from '../selector';
import { conjunction, FilterCompiler } from './compile-filter';
import type { ModelFilter, ModelVersionFilter } from './search-filter';
import { parseModelSearch, parseVersionSearch } from './search-language';
import { type ModelOrder, modelOrder, type ModelVersionOrder, versionOrder } from './search-order';
import type { Condition, Place } from './search-terms';
import { SqlValues } from './sql-conditions';

export interface ModelSearch extends ListArgs {
  readonly filter?: ModelFilter | null;
  /** In the one-line language; it must hold beside the filter. */
  readonly search?: string | null;
  /** By name where it is absent. */
  readonly orderBy?: readonly ModelOrder[] | null;
}

export interface ModelVersionSearch extends ListArgs {
  /** Only versions of the model of this name. */
  readonly model?: string | null;
  readonly filter?: ModelVersionFilter | null;
  /** In the one-line language; it must hold beside the filter. */
  readonly search?: string | null;
  /** Newest first where it is absent. */
  readonly orderBy?: readonly ModelVersionOrder[] | null;
}

/** Between which numbers of rows a search chooses its way. */
export interface SearchReach {
  /** How many rows of an order are tried first: with 200, one in ten has to match to fill the usual page. */
  readonly beginning: number;
  /** Up to so many candidates are looked at one by one. */
  readonly few: number;
}

const USUAL_REACH: SearchReach = { beginning: 200, few: 500 };
/** Counting candidates costs as much as finding them, so not all of a long filter are counted. */
const MOST_COUNTED = 8;

/** Lists models and versions by filter and order. */
export class RegistrySearch {
  constructor(
    private readonly deps: {
      readonly dataSource: DataSource;
      readonly reader: RegistryReader;
      /** The uuid behind a global id. */
      readonly keyOf: Place['keyOf'];
    },
    private readonly reach = USUAL_REACH,
  ) {}

  /** @throws InvalidInput for a filter or order that cannot be, SearchInvalid for a search that cannot be read, CursorInvalid for a cursor of another list, filter or order */
  async models({ filter, search, orderBy, ...args }: ModelSearch): Promise<Page<Model>> {
    if (!filter && !search && !orderBy?.length) return this.deps.reader.listModels(args);
    const { compiler, values } = this.newCompiler();
    const condition = conjunction([
      compiler.models(filter ?? {}, ['filter']),
      compiler.models(parseModelSearch(search ?? ''), ['search']),
    ]);
    const query = this.deps.dataSource.createQueryBuilder(Model, 'model').where('model.deletedAt IS NULL');
    return this.page(query, condition, values, modelOrder(orderBy ?? []), args);
  }

  /** @throws NotFound for the model; the same as for models */
  async versions({ model: name, filter, search, orderBy, ...args }: ModelVersionSearch): Promise<Page<ModelVersion>> {
    const { manager } = this.deps.dataSource;
    const model = name == null ? null : await modelByName(manager, name);
    if (model && !filter && !search && !orderBy?.length) return this.deps.reader.listVersions(model.id, args);
    const { compiler, values } = this.newCompiler();
    const condition = conjunction([
      compiler.versions(filter ?? {}, ['filter']),
      compiler.versions(parseVersionSearch(search ?? ''), ['search']),
    ]);
    const usual = model
      ? [{ field: 'VERSION', direction: 'DESC' } as const]
      : [{ field: 'CREATED_AT', direction: 'DESC' } as const];
    const { keys, metrics } = versionOrder(orderBy?.length ? orderBy : usual);
    const query = manager
      .createQueryBuilder(ModelVersion, 'version')
      .innerJoin(Model, 'model', 'model.id = version.modelId')
      .where('model.deletedAt IS NULL AND version.deletedAt IS NULL');
    if (model) query.andWhere(`version.modelId = ${values.add(model.id)}`);
    for (const { alias, name: metric, split } of metrics) {
      query.innerJoin(
        ModelVersionMetric,
        alias,
        `${alias}.modelVersionId = version.id AND ${alias}.name = ${values.add(metric)} AND ${alias}.split = ${values.add(split)}`,
      );
    }
    return this.page(query, condition, values, keys, args);
  }

  /**
   * The page, by the cheapest of three ways. What is frequent fills it from the beginning of the order. Else, where few rows can match, those are
   * looked at; and where many can, all in order. PostgreSQL's planner cannot choose so: by its statistics it does not know that only three versions
   * have an auc over .99, and would read all in order, looking for twenty.
   */
  private async page<Row extends ObjectLiteral>(
    rows: SelectQueryBuilder<Row>,
    { sql, candidates }: Condition,
    values: SqlValues,
    order: readonly SortKey[],
    args: ListArgs,
  ): Promise<Page<Row>> {
    const query = rows.clone().andWhere(`(${sql})`).setParameters(values.parameters);
    const list = createHash('sha256')
      .update(JSON.stringify([query.getQuery(), values.parameters]))
      .digest('base64url')
      .slice(0, 16);
    if (candidates.length > 0) {
      const start = await listOrdered(query, args, order, list, { rows, length: this.reach.beginning });
      if (start.hasNextPage) return start;
    }
    const few = await this.fewestCandidates(candidates.slice(0, MOST_COUNTED), values);
    if (few !== null) query.andWhere(`${query.alias}.id = ANY(ARRAY(${few}))`);
    return listOrdered(query, args, order, list);
  }

  /** The statement with the fewest candidates; null where even that has many. */
  private async fewestCandidates(candidates: readonly string[], values: SqlValues): Promise<string | null> {
    if (candidates.length === 0) return null;
    const { dataSource } = this.deps;
    const { few } = this.reach;
    const counts = candidates.map(
      (candidate) => `(SELECT count(*) FROM (SELECT 1 FROM (${candidate}) AS candidate LIMIT ${few + 1}) AS counted)`,
    );
    const statement = dataSource.driver.escapeQueryWithParameters(
      `SELECT ARRAY[${counts.join(', ')}]::int[] AS counts`,
      values.parameters,
    );
    const [{ counts: found }] = await dataSource.query<{ counts: number[] }[]>(...statement);
    const fewest = Math.min(...found);
    return fewest <= few ? candidates[found.indexOf(fewest)] : null;
  }

  private newCompiler(): { compiler: FilterCompiler; values: SqlValues } {
    const values = new SqlValues();
    return { compiler: new FilterCompiler({ values, keyOf: this.deps.keyOf }), values };
  }
}
