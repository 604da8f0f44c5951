import type { DataSource, EntityManager } from 'typeorm';
import { InvalidInput } from '../../errors';
import { decodeCursor, encodeCursor } from '../database';

export type LineageDirection = 'UPSTREAM' | 'DOWNSTREAM';

export interface LineageWalk {
  /** A node such as 'FeatureView:<uuid>'. */
  readonly start: string;
  /** UPSTREAM: what it was made of; DOWNSTREAM: what was made of it. */
  readonly direction: LineageDirection;
  /** Edges from the start, 1 to 20. */
  readonly depth: number;
  /** Only nodes of these kinds are answered, though the walk leads over all; null: all. */
  readonly kinds?: readonly string[] | null;
  /** Nodes of a page, 1 to 100. */
  readonly first: number;
  readonly after?: string | null;
}

export interface LineagePage {
  /** Nearest first; the start, at distance 0, is the first of all. */
  readonly nodes: readonly { readonly node: string; readonly distance: number }[];
  /** Those by which the nodes of this page were reached: over all pages, each once. `from` was used to make `to`, whichever way the walk went. */
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

const MAX_DEPTH = 20;
const MAX_NODES = 100;
const CURSOR = 'lineage';

/**
 * Records that nodes were used to make another; what is recorded already stays as it is.
 * @param from nodes such as 'FeatureView:<uuid>'
 * @param to the node that was made of them
 */
export async function recordLineage(manager: EntityManager, from: readonly string[], to: string): Promise<void> {
  // Sorted, so that two transactions that record the same edges wait for each other in one order.
  const nodes = [...new Set(from)].sort();
  if (nodes.length === 0) return;
  await manager.query(
    'INSERT INTO lineage_edges (from_node, to_node) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING',
    [nodes, to],
  );
}

/**
 * Walks the lineage from a node, nearest first, a page at a time. Circles end where they meet what was reached at that distance before.
 * @throws InvalidInput for a depth or a page size out of range; CursorInvalid
 */
export async function walkLineage(database: DataSource | EntityManager, walk: LineageWalk): Promise<LineagePage> {
  const { start, direction, depth, kinds = null, first, after = null } = walk;
  if (!Number.isInteger(depth) || depth < 1 || depth > MAX_DEPTH)
    throw new InvalidInput('depth', `${depth} is not a whole number from 1 to ${MAX_DEPTH}`);
  if (!Number.isInteger(first) || first < 1 || first > MAX_NODES)
    throw new InvalidInput('first', `${first} is not a whole number from 1 to ${MAX_NODES}`);
  const [afterDistance, afterNode] = after === null ? [-1, ''] : decodeCursor(CURSOR, ['integer', 'text'], after);
  const [near, far] = direction === 'UPSTREAM' ? ['to_node', 'from_node'] : ['from_node', 'to_node'];
  // UNION, not UNION ALL: a node reached by many ways is followed once per distance, so circles and diamonds cost depth × nodes at most.
  const rows = await database.query<{ node: string; distance: number; edges: { from: string; to: string }[] }[]>(
    `WITH RECURSIVE walk (node, distance) AS (
       SELECT $1::text, 0
       UNION
       SELECT edge.${far}, walk.distance + 1 FROM walk JOIN lineage_edges edge ON edge.${near} = walk.node WHERE walk.distance < $2
     ), nearest AS (
       SELECT node, min(distance) AS distance FROM walk GROUP BY node
     ), page AS (
       SELECT node, distance FROM nearest
       WHERE (distance, node COLLATE "C") > ($4::integer, $5::text COLLATE "C") AND ($3::text[] IS NULL OR split_part(node, ':', 1) = ANY($3))
       ORDER BY distance, node COLLATE "C" LIMIT $6 + 1
     )
     SELECT page.node, page.distance, ARRAY(
       SELECT jsonb_build_object('from', edge.from_node, 'to', edge.to_node)
       FROM lineage_edges edge JOIN nearest ON edge.${near} = nearest.node AND nearest.distance < $2
       WHERE edge.${far} = page.node ORDER BY edge.from_node, edge.to_node
     ) AS edges
     FROM page ORDER BY page.distance, page.node COLLATE "C"`,
    [start, depth, kinds, afterDistance, afterNode, first],
  );
  const page = rows.slice(0, first);
  const last = page.at(-1);
  return {
    nodes: page.map(({ node, distance }) => ({ node, distance })),
    edges: page.flatMap(({ edges }) => edges),
    hasNextPage: rows.length > first,
    endCursor: last ? encodeCursor(CURSOR, [last.distance, last.node]) : null,
  };
}
