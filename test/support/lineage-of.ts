import type { DataSource } from 'typeorm';
import { type LineageDirection, walkLineage } from '../../src/services/lineage';

/** The nodes of a walk, the start among them. */
export async function lineageOf(
  dataSource: DataSource,
  start: string,
  direction: LineageDirection,
  depth: number,
): Promise<string[]> {
  const { nodes } = await walkLineage(dataSource, { start, direction, depth, first: 100 });
  return nodes.map(({ node }) => node);
}
