import { safeName } from '../safe-name';

/**
 * Feature names for the columns of a file, all different and none of the reserved ones. Of columns whose names become alike the later ones get a
 * number: "Total" and "total" become total and total_2.
 */
export function featureNames(columns: readonly string[], reserved: readonly string[]): string[] {
  // Names that need no number are given first, so that a column total_2 keeps its own.
  const taken = new Set(reserved);
  const wanted = columns.map((column, i) => safeName(column) ?? `column_${i + 1}`);
  const names: string[] = [];
  wanted.forEach((name, i) => {
    if (taken.has(name)) return;
    taken.add(name);
    names[i] = name;
  });
  return wanted.map((name, i) => {
    const given = names[i];
    if (given !== undefined) return given;
    let number = 2;
    while (taken.has(`${name}_${number}`)) number++;
    taken.add(`${name}_${number}`);
    return `${name}_${number}`;
  });
}
