import type { Column } from '../../columns';
import type { Metrics } from './metrics';

/** The figures on the rows that have one value of one feature. Plain JSON. */
export interface SegmentMetrics {
  readonly feature: string;
  /** The value as text; {@link NULL_SEGMENT} for the rows that have none. */
  readonly value: string;
  readonly rowCount: number;
  readonly metrics: Metrics;
}

/** How the segment of the rows without a value is spelled; a text of these very letters is counted with it. */
export const NULL_SEGMENT = '(null)';
/** A feature with more values than this, that of having none among them, has no segments. */
const MAX_SEGMENT_VALUES = 50;
/** In all; a feature whose segments would go beyond has none, and is named. */
export const MAX_SEGMENTS = 10_000;

export interface Segmentation {
  readonly segments: readonly SegmentMetrics[];
  /** Features with few values that have no segments, because there would be too many in all. */
  readonly unsegmentedFeatures: readonly string[];
}

/**
 * Figures by the value of each feature that has few of them; by feature in the given order, then by value, the null segment last.
 * @param metricsOf the figures on some rows, by their indices (ascending, at least one)
 * @param textOf how a number of this feature is spelled
 */
export function segmentMetrics(
  columns: readonly Column[],
  metricsOf: (rows: Uint32Array) => Metrics,
  textOf: (feature: string, value: number) => string = (_feature, value) => String(value),
): Segmentation {
  const segments: SegmentMetrics[] = [];
  const unsegmentedFeatures: string[] = [];
  for (const column of columns) {
    const groups = rowsByValue(column);
    if (groups === null) continue;
    if (segments.length + groups.size > MAX_SEGMENTS) {
      unsegmentedFeatures.push(column.name);
      continue;
    }
    for (const [key, rows] of [...groups].sort(([a], [b]) => order(a, b))) {
      const value = typeof key === 'number' ? textOf(column.name, key) : key;
      const metrics = metricsOf(Uint32Array.from(rows));
      segments.push({ feature: column.name, value, rowCount: rows.length, metrics });
    }
  }
  return { segments, unsegmentedFeatures };
}

/** null where there are more values than segments are made of: a continuous column is left after its first rows. */
function rowsByValue({ values }: Column): Map<string | number, number[]> | null {
  const groups = new Map<string | number, number[]>();
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    const key = value === null || Number.isNaN(value) ? NULL_SEGMENT : value;
    const rows = groups.get(key);
    if (rows) rows.push(row);
    else if (groups.size === MAX_SEGMENT_VALUES) return null;
    else groups.set(key, [row]);
  }
  return groups;
}

function order(a: string | number, b: string | number): number {
  if (a === NULL_SEGMENT) return 1;
  if (b === NULL_SEGMENT) return -1;
  return a < b ? -1 : 1;
}
