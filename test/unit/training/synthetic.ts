import type { ColumnTable } from '../../../src/columns';
import { SeededRandom } from '../../../src/services/statistics';

export interface LabelledMatrix {
  readonly matrix: Float32Array;
  readonly width: number;
  readonly labels: Float64Array;
}

/** Rows whose label depends on a step in column 0 and on column 0 times column 1, the other columns being noise; some values are missing. */
export function syntheticMatrix(rows: number, width: number, seed: number): LabelledMatrix {
  const random = new SeededRandom(seed);
  const matrix = new Float32Array(rows * width);
  const labels = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      matrix[row * width + column] = random.uniform() < 0.05 ? NaN : random.normal();
    }
    const a = matrix[row * width] || 0;
    const b = matrix[row * width + 1] || 0;
    const logit = -1 + (a > 0.5 ? 2 : 0) + 1.5 * a * b;
    labels[row] = random.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return { matrix, width, labels };
}

export interface LabelledTable {
  readonly table: ColumnTable;
  readonly labels: Float64Array;
  /** Every fourth row. */
  readonly heldOut: Uint8Array;
}

/** A table of numbers, levels and nulls whose label depends on both kinds of columns. */
export function syntheticTable(rowCount: number, seed: number): LabelledTable {
  const random = new SeededRandom(seed);
  const levels = ['Bern', 'Rome', 'Oslo', null];
  const amount = Float64Array.from({ length: rowCount }, () => (random.uniform() < 0.05 ? NaN : 100 * random.normal()));
  const noise = Float64Array.from({ length: rowCount }, () => random.normal());
  const city = Array.from({ length: rowCount }, () => levels[random.integer(levels.length)] ?? null);
  const labels = Float64Array.from({ length: rowCount }, (_, row) => {
    const logit = (amount[row] || 0) / 60 + (city[row] === 'Rome' ? 1.5 : -1);
    return random.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  return {
    table: {
      rowCount,
      columns: [
        { name: 'amount', kind: 'NUMERIC', values: amount },
        { name: 'city', kind: 'CATEGORICAL', values: city },
        { name: 'noise', kind: 'NUMERIC', values: noise },
      ],
    },
    labels,
    heldOut: Uint8Array.from({ length: rowCount }, (_, row) => (row % 4 === 0 ? 1 : 0)),
  };
}
