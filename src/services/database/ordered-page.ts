import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { decodeCursor, encodeCursor, isKeyType, type KeyType, type KeyValue } from './cursor';
import { checkFirst, type ListArgs, type Page } from './keyset';

/** One part of an order. */
export interface SortKey {
  /** `alias.property` of a mapped table of the query, one that is never null: text, integer, bigint, uuid, timestamptz or double precision. */
  readonly by: string;
  readonly direction: 'ASC' | 'DESC';
}

/** The beginning of a longer list, in its order from the cursor on. */
export interface OrderStart<Row extends ObjectLiteral> {
  /** The rows of the longer list, with an `id`; their parameters are among those of the query. */
  readonly rows: SelectQueryBuilder<Row>;
  readonly length: number;
}

/**
 * One page by keyset, as listPage gives it, in an order that may mix directions and tables.
 * @param query the rows of the list, filtered but neither ordered nor limited; what is joined has one row for each of them
 * @param order unique as a whole
 * @param list what else tells this list from others, such as its filter: a cursor of another one is refused
 * @param start where it is given, rows are looked for in that beginning only: a page that is full is the right one, another may lack rows
 * @throws InvalidInput for a `first` out of range, CursorInvalid for a cursor that this list did not give
 */
export async function listOrdered<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { first, after }: ListArgs,
  order: readonly SortKey[],
  list: string,
  start?: OrderStart<Row>,
): Promise<Page<Row>> {
  checkFirst(first);
  const types = order.map(({ by }) => typeOf(query, by));
  const identity = [list, ...order.map(({ by, direction }) => `${by} ${direction}`)].join(' ');
  const page = query.clone().limit(first + 1);
  order.forEach(({ by, direction }, index) => {
    // In parentheses it is an expression of its own; without, TypeORM would take the column from the entity.
    page.addSelect(`(${by})`, sortColumn(index)).addOrderBy(by, direction);
  });
  const place = after === null || after === undefined ? null : behind(order, types);
  if (place !== null) {
    const key = decodeCursor(identity, types, after ?? '');
    page.andWhere(place).setParameters(Object.fromEntries(key.map((value, index) => [`after${index}`, value])));
  }
  if (start) {
    const { alias } = query;
    const ids = start.rows.clone().select(`${alias}.id`, 'id').limit(start.length);
    for (const { by, direction } of order) ids.addOrderBy(by, direction);
    if (place !== null) ids.andWhere(place);
    page.andWhere(`${alias}.id = ANY(ARRAY(${ids.getQuery()}))`);
  }
  const { entities, raw } = await page.getRawAndEntities<Record<string, KeyValue>>();
  const cursorOf = (_: Row, row: number) =>
    encodeCursor(
      identity,
      order.map((__, index) => raw[row][sortColumn(index)]),
    );
  const rows = entities.slice(0, first);
  let total: Promise<number> | undefined;
  return {
    rows,
    cursors: rows.map(cursorOf),
    hasNextPage: entities.length > first,
    totalCount: () => (total ??= query.clone().getCount()),
  };
}

const sortColumn = (index: number): string => `sort_key_${index}`;

function typeOf<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>, by: string): KeyType {
  const [alias, property] = by.split('.');
  const found = query.expressionMap.aliases.find(({ name }) => name === alias);
  const type = found?.metadata.findColumnWithPropertyName(property)?.type;
  if (typeof type !== 'string' || !isKeyType(type)) throw new Error(`${by} cannot be a sort key`);
  return type;
}

/** Behind in the order: equal in some of the first keys and further on in the next. */
function behind(order: readonly SortKey[], types: readonly KeyType[]): string {
  const value = (index: number) => `CAST(:after${index} AS ${types[index]})`;
  const further = (index: number, orEqual = '') =>
    `${order[index].by} ${order[index].direction === 'ASC' ? '>' : '<'}${orEqual} ${value(index)}`;
  const alternatives = order.map((_, last) => {
    const equal = order.slice(0, last).map(({ by }, index) => `${by} = ${value(index)}`);
    return `(${[...equal, further(last)].join(' AND ')})`;
  });
  // The bound on the first key says nothing new; it is what an index can begin at.
  return `${further(0, '=')} AND (${alternatives.join(' OR ')})`;
}
