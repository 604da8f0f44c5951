/** Columns in memory, the form in which statistics, preprocessing and training take data. */

export interface NumericColumn {
  readonly name: string;
  readonly kind: 'NUMERIC';
  /** One value per row; NaN stands for null. */
  readonly values: Float64Array;
}

export interface CategoricalColumn {
  readonly name: string;
  readonly kind: 'CATEGORICAL';
  readonly values: readonly (string | null)[];
}

export type Column = NumericColumn | CategoricalColumn;

export interface ColumnTable {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}
