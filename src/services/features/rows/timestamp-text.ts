const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})0*)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Reads a moment: a date, or a date and time with up to six decimals of a second (further ones must be 0), with `Z`, an offset, or nothing, which
 * is UTC.
 * @returns microseconds since 1970-01-01T00:00Z, or null when the text is not such a moment
 */
export function parseTimestamp(text: string): bigint | null {
  const match = ISO_8601.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  // Date rolls 30 February over to March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const offsetMinutes = parseOffset(match[8]);
  if (offsetMinutes === null) return null;
  const seconds = date.getTime() / 1000 + hour * 3600 + (minute - offsetMinutes) * 60 + second;
  const micros = Number((match[7] ?? '').padEnd(6, '0'));
  return BigInt(seconds) * 1_000_000n + BigInt(micros);
}

function parseOffset(text: string | undefined): number | null {
  if (text === undefined || text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** ISO 8601 in UTC with milliseconds, or microseconds where there are any: `2026-11-03T10:15:30.000Z`. */
export function formatTimestamp(micros: bigint): string {
  const sub = ((micros % 1000n) + 1000n) % 1000n;
  const text = new Date(Number((micros - sub) / 1000n)).toISOString();
  return sub === 0n ? text : `${text.slice(0, -1)}${sub.toString().padStart(3, '0')}Z`;
}

/** A JavaScript date as microseconds; the finer part that it cannot hold is 0. */
export const microsOf = (date: Date): bigint => BigInt(date.getTime()) * 1000n;
