import { basename } from 'node:path';

/** Where in the file a problem is; each part only where it is known. */
export interface CsvPlace {
  readonly line?: number;
  readonly column?: string;
}

/** Something is wrong with the CSV file, or with the options that describe it: one line that names the place, the problem and the remedy. */
export class CsvProblem extends Error {
  constructor(
    readonly file: string,
    readonly place: CsvPlace,
    problem: string,
    remedy: string,
  ) {
    const where = [
      basename(file),
      ...(place.line === undefined ? [] : [`line ${place.line}`]),
      ...(place.column === undefined ? [] : [`column ${JSON.stringify(place.column)}`]),
    ].join(', ');
    super(`${where}: ${problem}. ${remedy}.`.replace(/\s+/g, ' '));
    this.name = 'CsvProblem';
  }
}

/** A value as it can be shown in a one-line message. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
}
