/**
 * Relay connections. An aggregate declares its connection once, beside its type:
 *
 *     export const ModelConnection = connectionType('Model', () => Model);
 *
 * and a resolver turns the page that a service returns into it:
 *
 *     @Query(() => ModelConnection, { description: 'All models, by name.' })
 *     async models(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context) {
 *       return toConnection(await ctx.services.registry.list(args));
 *     }
 */
import 'reflect-metadata';
import { ArgsType, Field, Int, ObjectType, type ClassType } from 'type-graphql';
import { InvalidInput } from '../errors';
import type { Page } from '../services/database';
import { nullable } from './nullable';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, { description: `How many, from 1 to ${MAX_PAGE_SIZE}.`, defaultValue: DEFAULT_PAGE_SIZE })
  first!: number;

  @Field(() => String, nullable('The endCursor of the page before; null for the first page.'))
  after?: string | null;
}

/** @throws InvalidInput when `first` is out of range. The schema calls it for every field that takes ConnectionArgs. */
export function checkConnectionArgs({ first }: ConnectionArgs): void {
  if (first < 1 || first > MAX_PAGE_SIZE)
    throw new InvalidInput('first', `${first} is out of range; expected 1 to ${MAX_PAGE_SIZE}`);
}

@ObjectType({ description: 'Where a page ends.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more after this page.' })
  hasNextPage!: boolean;

  @Field(() => String, nullable('Pass it as `after` for the next page; null for an empty page.'))
  endCursor!: string | null;
}

interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
  /** Called only when the field is selected: counting costs a query. */
  readonly totalCount: () => Promise<number>;
}

export function toConnection<Row>(page: Page<Row>): Connection<Row> {
  const edges = page.rows.map((node, index) => ({ node, cursor: page.cursors[index] }));
  return {
    edges,
    nodes: page.rows,
    pageInfo: { hasNextPage: page.hasNextPage, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: () => page.totalCount(),
  };
}

/** The types `<name>Connection` and `<name>Edge`. @param node thunk of the node's type */
export function connectionType(name: string, node: () => ClassType): ClassType<Connection<unknown>> {
  @ObjectType(`${name}Edge`, { description: `A ${name} and its place in the list.` })
  class EdgeType implements Edge<unknown> {
    @Field(() => String, { description: 'Pass it as `after` to continue behind this one.' })
    cursor!: string;

    @Field(node, { description: 'The thing itself.' })
    node!: unknown;
  }

  @ObjectType(`${name}Connection`, { description: `One page of a list of ${name}.` })
  class ConnectionType implements Connection<unknown> {
    @Field(() => [EdgeType], { description: 'The page’s content, each with its cursor.' })
    edges!: EdgeType[];

    @Field(() => [node()], { description: 'The page’s content.' })
    nodes!: unknown[];

    @Field(() => PageInfo, { description: 'Where the page ends.' })
    pageInfo!: PageInfo;

    // `simple`: GraphQL's own resolver, which calls functions; type-graphql's does not.
    @Field(() => Int, { description: 'How many there are over all pages; counted only when selected.', simple: true })
    totalCount!: () => Promise<number>;
  }
  return ConnectionType;
}
