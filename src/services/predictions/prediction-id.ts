import { randomUUID } from 'node:crypto';

/** The end of the year 9999: a forged id says more than PostgreSQL reads. */
const LAST_TIME = Date.UTC(10_000, 0) - 1;

/**
 * An id of version 7 (RFC 9562): the milliseconds since 1970 in its first 48 bits, 74 random ones. An id alone says which partition its row is in.
 * @param at the prediction's `predictedAt`, since rows are looked for at that time
 */
export function newPredictionId(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** When the prediction with this id was made, if there is one; null for an id that does not say so: they were of version 4 at first. */
export function timeOfPredictionId(id: string): Date | null {
  const milliseconds = id[14] === '7' ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : Infinity;
  return milliseconds <= LAST_TIME ? new Date(milliseconds) : null;
}

/** Ids that are looked for in one go, with the bounds of their times; open, when their ids do not say. */
export interface IdLookup {
  readonly ids: readonly string[];
  readonly first: Date | '-infinity';
  readonly last: Date | 'infinity';
}

/** Ids with a time first: they are looked for in few partitions, the others in all. */
export function idLookups(ids: readonly string[]): IdLookup[] {
  const dated: string[] = [];
  const undated: string[] = [];
  const times: number[] = [];
  for (const id of ids) {
    const time = timeOfPredictionId(id);
    (time ? dated : undated).push(id);
    if (time) times.push(time.getTime());
  }
  const lookups: IdLookup[] = [];
  const bound = (choose: (a: number, b: number) => number) => new Date(times.reduce((a, b) => choose(a, b)));
  if (dated.length > 0) lookups.push({ ids: dated, first: bound(Math.min), last: bound(Math.max) });
  if (undated.length > 0) lookups.push({ ids: undated, first: '-infinity', last: 'infinity' });
  return lookups;
}
