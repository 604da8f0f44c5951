/** Figures on some rows by their names in the API; what is undefined on those rows, such as AUC with one class, is absent. */
export type Metrics = Readonly<Record<string, number>>;

/** Leaves out what is null: undefined on the rows that it was to be measured on. */
export const definedMetrics = (metrics: Readonly<Record<string, number | null>>): Metrics =>
  Object.fromEntries(Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null));
