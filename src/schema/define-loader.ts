import DataLoader from 'dataloader';
import type { ListArgs, Page } from '../services/database';
import type { Context } from './context';

/** Reads the rows of many keys at once; rows may come in any order, and absent ones are left out. */
export type Batch<Row> = (ctx: Context, keys: readonly string[]) => Promise<readonly Row[]>;

export type Loader<Value> = (ctx: Context) => DataLoader<string, Value>;

/**
 * Declares how rows are loaded by a key, batched over one operation. Declared once in `src/resolvers/<aggregate>.loaders.ts`:
 *
 *     export const modelByName = defineLoader((ctx, names) => ctx.services.registry.findByNames(names), (model) => model.name);
 *     …
 *     const model = await modelByName(ctx).load(name);   // null when there is none
 *
 * For rows by their id, which `node(id)` shall find too, use defineNodeLoader (node.ts).
 */
export function defineLoader<Row>(batch: Batch<Row>, keyOf: (row: Row) => string): Loader<Row | null> {
  return cached((ctx) => async (keys) => {
    const rows = new Map((await batch(ctx, keys)).map((row) => [keyOf(row), row]));
    return keys.map((key) => rows.get(key) ?? null);
  });
}

/** The same where a key has many rows: their order within a key is the order in which the batch returned them. */
export function defineListLoader<Row>(batch: Batch<Row>, keyOf: (row: Row) => string): Loader<readonly Row[]> {
  return cached((ctx) => async (keys) => {
    const rows = new Map<string, Row[]>(keys.map((key) => [key, []]));
    for (const row of await batch(ctx, keys)) rows.get(keyOf(row))?.push(row);
    return keys.map((key) => rows.get(key) ?? []);
  });
}

/**
 * Declares a connection nested in many parents. Their first pages come with one call of `firstPages` per page size, however many parents an
 * operation has; a page behind a cursor is one parent's own.
 *
 *     return toConnection(await versionsOfModel(ctx, model.id, args));
 *
 * @param firstPages one page per parent, in their order
 */
export function definePageLoader<Row>(
  firstPages: (ctx: Context, ids: readonly string[], first: number) => Promise<Page<Row>[]>,
  nextPage: (ctx: Context, id: string, args: ListArgs) => Promise<Page<Row>>,
): (ctx: Context, id: string, args: ListArgs) => Promise<Page<Row>> {
  // At most one per allowed size of a page, of which there are 100.
  const loaders = new Map<number, Loader<Page<Row>>>();
  return (ctx, id, args) => {
    const { first, after } = args;
    if (after !== null && after !== undefined) return nextPage(ctx, id, args);
    const loader = loaders.get(first) ?? cached((context) => (ids) => firstPages(context, ids, first));
    loaders.set(first, loader);
    return loader(ctx).load(id);
  };
}

/** Declares what is computed for one key at a time, once per operation. A key that fails leaves the others whole. */
export function defineComputation<Value>(compute: (ctx: Context, key: string) => Promise<Value>): Loader<Value> {
  return cached(
    (ctx) => (keys) => Promise.all(keys.map((key) => compute(ctx, key).catch((error: unknown) => error as Error))),
  );
}

/** One DataLoader per operation, since its cache must not outlive the request that may see it. */
function cached<Value>(load: (ctx: Context) => (keys: readonly string[]) => Promise<(Value | Error)[]>): Loader<Value> {
  const loaderOf: Loader<Value> = (ctx) => {
    const known = ctx.loaders.get(loaderOf) as DataLoader<string, Value> | undefined;
    if (known) return known;
    const loader = new DataLoader<string, Value>(load(ctx), { maxBatchSize: 1000 });
    ctx.loaders.set(loaderOf, loader);
    return loader;
  };
  return loaderOf;
}
