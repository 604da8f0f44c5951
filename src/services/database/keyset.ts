import { type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { InvalidInput } from '../../errors';
import { decodeCursor, encodeCursor, isKeyType, type KeyValue } from './cursor';

export interface ListArgs {
  /** How many rows, 1 to 100. */
  readonly first: number;
  /** A cursor of the same list. */
  readonly after?: string | null;
}

/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** One per row. */
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  /** Over all pages; the first call costs a query. */
  totalCount(): Promise<number>;
}

export interface KeysetOrder {
  /** Properties of the entity that together are unique, are never null, and never change: text, integer, bigint, uuid or timestamptz. */
  readonly by: readonly string[];
  readonly direction: 'ASC' | 'DESC';
}

const NEWEST_FIRST: KeysetOrder = { by: ['createdAt', 'id'], direction: 'DESC' };

const LARGEST_PAGE = 100;

/**
 * One page by keyset: rows after the cursor's sort key, found by index. Unlike an offset it neither slows down with depth nor skips or repeats
 * rows when others come in between.
 * @param query the rows of the list, filtered but neither ordered nor limited; a to-many join would multiply them
 * @throws InvalidInput for a `first` out of range, CursorInvalid for a cursor that this list did not give
 */
export async function listPage<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { first, after }: ListArgs,
  order: KeysetOrder = NEWEST_FIRST,
): Promise<Page<Row>> {
  checkFirst(first);
  const { list, types, columns } = orderedBy(query, order);
  const page = startOf(query, first, order);
  if (after !== null && after !== undefined) {
    const key = decodeCursor(list, types, after);
    const places = types.map((type, index) => `CAST(:after${index} AS ${type})`);
    page
      .andWhere(`(${columns.join(', ')}) ${order.direction === 'ASC' ? '>' : '<'} (${places.join(', ')})`)
      .setParameters(Object.fromEntries(key.map((value, index) => [`after${index}`, value])));
  }
  let total: Promise<number> | undefined;
  return toPage(await page.getMany(), first, order, list, () => (total ??= query.clone().getCount()));
}

/** Lists of many parents, told apart by a property of their rows. */
export interface ParentLists<Row> {
  /** Which property holds the parent's uuid. */
  readonly of: string & keyof Row;
  readonly ids: readonly string[];
}

/**
 * The first pages of the lists of many parents, in one statement; counting all of them is one more. Each page is what listPage gives without a
 * cursor for the rows of that parent, and listPage continues it.
 * @param query the rows of all lists, of an entity with an `id`, neither ordered nor limited
 * @returns one page per id, in their order
 * @throws InvalidInput for a `first` out of range
 */
export async function firstPages<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { of, ids }: ParentLists<Row>,
  first: number,
  order: KeysetOrder = NEWEST_FIRST,
): Promise<Page<Row>[]> {
  checkFirst(first);
  const { alias, list, columns } = orderedBy(query, order);
  // A limited look into the index per parent; row_number() over all of them would read each list to its end.
  const start = startOf(query, first, order).select(`${alias}.id`, 'id').andWhere(`${alias}.${of} = parent.id`);
  const found = query
    .clone()
    .andWhere(
      `${alias}.id IN (SELECT start.id FROM unnest(CAST(:parents AS uuid[])) AS parent (id), LATERAL (${start.getQuery()}) AS start)`,
    )
    .setParameter('parents', ids);
  for (const column of columns) found.addOrderBy(column, order.direction);
  const rowsOf = new Map<string, Row[]>(ids.map((id) => [id, []]));
  for (const row of await found.getMany()) rowsOf.get(row[of])?.push(row);
  let totals: Promise<Map<string, number>> | undefined;
  const totalOf = async (id: string) => (await (totals ??= countsOf(query, { of, ids }))).get(id) ?? 0;
  return ids.map((id) => toPage(rowsOf.get(id) ?? [], first, order, list, () => totalOf(id)));
}

async function countsOf<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { of, ids }: ParentLists<Row>,
): Promise<Map<string, number>> {
  const parent = `${query.alias}.${of}`;
  const counts = await query
    .clone()
    .select(parent, 'parent')
    .addSelect('count(*)', 'count')
    .andWhere(`${parent} = ANY(:parents)`, { parents: ids })
    .groupBy(parent)
    .getRawMany<{ parent: string; count: number }>();
  return new Map(counts.map(({ parent: id, count }) => [id, count]));
}

/** @throws InvalidInput when `first` is out of range */
export function checkFirst(first: number): void {
  if (!Number.isInteger(first) || first < 1 || first > LARGEST_PAGE) {
    throw new InvalidInput('first', `${first} is out of range; expected 1 to ${LARGEST_PAGE}`);
  }
}

/** In order, with one row more than asked for, which tells whether there is a next page. */
function startOf<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  first: number,
  { by, direction }: KeysetOrder,
): SelectQueryBuilder<Row> {
  const start = query.clone().limit(first + 1);
  for (const property of by) start.addOrderBy(`${query.alias}.${property}`, direction);
  return start;
}

function toPage<Row extends ObjectLiteral>(
  found: readonly Row[],
  first: number,
  { by }: KeysetOrder,
  list: string,
  totalCount: () => Promise<number>,
): Page<Row> {
  const rows = found.slice(0, first);
  const cursorOf = (row: Row) =>
    encodeCursor(
      list,
      by.map((property) => row[property] as KeyValue),
    );
  return { rows, cursors: rows.map(cursorOf), hasNextPage: found.length > first, totalCount };
}

/** What identifies the list, since a cursor of another order means nothing here, and the types of its sort key. */
function orderedBy<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>, { by, direction }: KeysetOrder) {
  const { alias } = query;
  const metadata = query.expressionMap.mainAlias?.metadata;
  const types = by.map((property) => {
    const type = metadata?.findColumnWithPropertyName(property)?.type;
    if (typeof type !== 'string' || !isKeyType(type)) throw new Error(`${alias}.${property} cannot be a sort key`);
    return type;
  });
  return {
    alias,
    types,
    columns: by.map((property) => `${alias}.${property}`),
    list: [metadata?.tableName, direction, ...by].join(' '),
  };
}
