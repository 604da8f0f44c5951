import type { BinCounts } from './count-bins';
import { type BinSpec, binLabels } from './reference-bins';

/** Some bins of a feature that are looked at together. */
export interface Segment {
  readonly name: string;
  /** As {@link binIndexes} numbers them. */
  readonly bins: ReadonlySet<number>;
}

/** A verdict takes labels, and more segments have fewer each; every one of them also makes the correction harder. */
const NUMERIC_SEGMENTS = 4;
const CATEGORICAL_SEGMENTS = 8;

/**
 * Segments by the bins of one feature of the reference: for numbers up to four ranges of about equal reference counts, what lies below or above the
 * reference with the nearest; for categories up to seven most frequent levels and the others together; nulls by themselves.
 * Segments without a reference row are left out: there is nothing to compare with.
 */
export function segmentsOf(spec: BinSpec, { bins: counts, nullCount }: BinCounts): Segment[] {
  const labels = binLabels(spec);
  const named = spec.kind === 'NUMERIC' ? rangesOf(spec.edges, counts) : levelsOf(spec.levels.length, labels);
  const segments = [...named, { name: labels[counts.length], bins: new Set([counts.length]) }];
  const rows = [...counts, nullCount];
  return segments.filter(({ bins }) => [...bins].some((bin) => rows[bin] > 0));
}

function rangesOf(edges: readonly number[], counts: readonly number[]): Segment[] {
  if (edges.length < 2) return [{ name: 'any', bins: new Set(counts.keys()) }];
  const total = counts.reduce((sum, count) => sum + count, 0);
  const last = edges.length - 2;
  const segments: Segment[] = [];
  let from = 0;
  let bins = new Set([0]);
  let seen = counts[0];
  for (let bin = 0; bin <= last; bin++) {
    bins.add(bin + 1);
    seen += counts[bin + 1];
    // Cut where that is nearer to an even share than after the next bin.
    const full = seen + (counts[bin + 2] ?? 0) / 2 > ((segments.length + 1) * total) / NUMERIC_SEGMENTS;
    if (bin < last && !full) continue;
    if (bin === last) bins.add(last + 2);
    const ends = [...(from === 0 ? [] : [`from ${edges[from]}`]), ...(bin === last ? [] : [`below ${edges[bin + 1]}`])];
    segments.push({ name: ends.join(' to ') || 'any', bins });
    from = bin + 1;
    bins = new Set();
  }
  return segments;
}

function levelsOf(levelCount: number, labels: readonly string[]): Segment[] {
  const own = levelCount <= CATEGORICAL_SEGMENTS ? levelCount : CATEGORICAL_SEGMENTS - 1;
  const named = labels.slice(0, own).map((name, bin) => ({ name, bins: new Set([bin]) }));
  const others = new Set(Array.from({ length: levelCount - own + 1 }, (_, index) => own + index));
  return [...named, { name: '(other)', bins: others }];
}
