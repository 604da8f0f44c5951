import type { DuckDbEngine } from './duckdb-engine';
import { literal } from './sql-text';

export interface PatternProblem {
  /** Of the character at fault, from 1; one behind the last for the end of the text; null where it is no single one. */
  readonly position: number | null;
  readonly problem: string;
}

interface Complaint {
  readonly reason: string;
  /** The part of the pattern that RE2 quotes. */
  readonly fragment: string;
}

const COMPLAINT = /^Invalid Input Error: (?<reason>[^:]+)(?:: (?<fragment>.*))?$/s;

/** See OfflineStore.patternProblem. RE2 says what is wrong and quotes the part, but not where it stands: the first beginning of the pattern with the same fault tells. */
export async function patternProblem(engine: DuckDbEngine, pattern: string): Promise<PatternProblem | null> {
  const complaint = await complaintAbout(engine, pattern);
  return complaint && { position: await positionOf(engine, pattern, complaint), problem: complaint.reason };
}

async function positionOf(
  engine: DuckDbEngine,
  pattern: string,
  { reason, fragment }: Complaint,
): Promise<number | null> {
  const characterAt = (index: number): number => [...pattern.slice(0, index)].length + 1;
  if (reason === 'missing )') return characterAt(pattern.length);
  if (reason === 'trailing \\') return characterAt(pattern.length - 1);
  // Here RE2 quotes all that it was given.
  const whole = reason === 'unexpected )';
  const sought = whole ? ')' : fragment;
  if (sought === '') return null;
  for (let index = pattern.indexOf(sought); index >= 0; index = pattern.indexOf(sought, index + 1)) {
    const beginning = await complaintAbout(engine, pattern.slice(0, index + sought.length));
    if (beginning?.reason === reason && (whole || beginning.fragment === fragment)) return characterAt(index);
  }
  return null;
}

async function complaintAbout(engine: DuckDbEngine, pattern: string): Promise<Complaint | null> {
  try {
    await engine.call('rows', { sql: `SELECT regexp_full_match('', ${literal(pattern)})` }, { lane: 'short' });
    return null;
  } catch (error) {
    const groups = error instanceof Error ? COMPLAINT.exec(error.message)?.groups : undefined;
    if (!groups) throw error;
    return { reason: groups.reason, fragment: groups.fragment ?? '' };
  }
}
