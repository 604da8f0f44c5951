import { createHash } from 'node:crypto';
import type { ColumnSlice } from '../rows/row-slice';

/** SHA-256 of a column's values in order. It depends on the values alone, not on how they were cut into slices. */
export class ColumnDigest {
  private readonly values = createHash('sha256');
  private readonly nulls = createHash('sha256');

  update(slice: ColumnSlice): void {
    if (slice.dtype === 'STRING') {
      // As JSON, so that ["a", "b"] and ["ab"] differ, and null and "null".
      for (const value of slice.values) this.values.update(`${JSON.stringify(value)},`);
      return;
    }
    this.values.update(slice.values);
    this.nulls.update(slice.nulls);
  }

  hex(): string {
    return createHash('sha256').update(this.values.digest()).update(this.nulls.digest()).digest('hex');
  }
}
