import type { DataSource, EntityManager } from 'typeorm';
import { InvalidInput } from '../../errors';

export type LineageDirection = 'UPSTREAM' | 'DOWNSTREAM';

export interface Lineage {
  /** The start and all that was reached, nearest first. */
  readonly nodes: string[];
  /** `from` was used to make `to`, whichever way the walk went. */
  readonly edges: { from: string; to: string }[];
}

const MAX_DEPTH = 20;

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
 * Walks the lineage from a node, at most `depth` edges far. Circles end where they meet what was reached at that distance before.
 * @param direction UPSTREAM: what it was made of; DOWNSTREAM: what was made of it
 * @throws InvalidInput for a depth that is not a whole number from 1 to 20
 */
export async function walkLineage(
  dataSource: DataSource,
  start: string,
  direction: LineageDirection,
  depth: number,
): Promise<Lineage> {
  if (!Number.isInteger(depth) || depth < 1 || depth > MAX_DEPTH)
    throw new InvalidInput('depth', `${depth} is not a whole number from 1 to ${MAX_DEPTH}`);
  const [near, far] = direction === 'UPSTREAM' ? ['to_node', 'from_node'] : ['from_node', 'to_node'];
  // UNION, not UNION ALL: a node reached by many ways is followed once per distance, so circles and diamonds cost depth × nodes at most.
  const rows = await dataSource.query<{ from: string; to: string; node: string }[]>(
    `WITH RECURSIVE walk (node, distance) AS (
       SELECT $1::text, 0
       UNION
       SELECT edge.${far}, walk.distance + 1 FROM walk JOIN lineage_edges edge ON edge.${near} = walk.node WHERE walk.distance < $2
     ), nearest AS (
       SELECT node, min(distance) AS distance FROM walk GROUP BY node
     )
     SELECT edge.from_node AS "from", edge.to_node AS "to", edge.${far} AS node
     FROM nearest JOIN lineage_edges edge ON edge.${near} = nearest.node
     WHERE nearest.distance < $2
     ORDER BY nearest.distance, edge.from_node, edge.to_node`,
    [start, depth],
  );
  return {
    nodes: [...new Set([start, ...rows.map(({ node }) => node)])],
    edges: rows.map(({ from, to }) => ({ from, to })),
  };
}
