const ISO =
  /^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?$/i;
const EPOCH_SECONDS = /^\d{9,10}$/;
const EPOCH_MILLISECONDS = /^\d{12,13}$/;

/**
 * Milliseconds since 1970 of a timestamp in ISO 8601 (2024-01, 2024-01-31, 2024-01-31 08:30:00+02:00; slashes are taken too) or of an epoch in
 * seconds or milliseconds. Without a zone it is UTC. Null for anything else: 01/02/2024 is one day in Boston and another in Berlin.
 */
export function timestampValue(text: string): number | null {
  if (EPOCH_SECONDS.test(text)) return Number(text) * 1_000;
  if (EPOCH_MILLISECONDS.test(text)) return Number(text);
  const match = ISO.exec(text);
  if (!match) return null;
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => (part ? Number(part) : undefined));
  const millisecond = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1_000);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, millisecond));
  // Date.UTC rolls February 30th over into March.
  const exists =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!exists || year < 1900) return null;
  const offset = zoneOffsetMs(match[8]);
  return offset === null ? null : date.getTime() - offset;
}

function zoneOffsetMs(zone: string | undefined): number | null {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
