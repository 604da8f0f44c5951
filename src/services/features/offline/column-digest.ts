import { createHash } from 'node:crypto';
import type { TypedScalar } from '../rows/feature-value';
import type { ColumnSlice } from '../rows/row-slice';

/** SHA-256 of a column's values in order. It depends on the values alone, not on how they were cut into slices. */
export class ColumnDigest {
  private readonly values = createHash('sha256');
  private readonly nulls = createHash('sha256');

  update(slice: ColumnSlice): void {
    if ('nulls' in slice) {
      this.values.update(slice.values);
      this.nulls.update(slice.nulls);
      return;
    }
    // As JSON, so that ["a", "b"] and ["ab"] differ, and null and "null".
    for (const value of slice.values)
      this.values.update(`${JSON.stringify(typeof value === 'object' ? (value?.map(elementText) ?? null) : value)},`);
  }

  hex(): string {
    return createHash('sha256').update(this.values.digest()).update(this.nulls.digest()).digest('hex');
  }
}

const elementText = (value: TypedScalar): string => (Object.is(value, -0) ? '-0' : String(value));
