import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What is hashed of an entry, besides the hash before it. */
export interface AuditContent {
  readonly chain: string;
  /** 1 for the first entry of a chain, then without gaps. */
  readonly sequence: number;
  /** Whole milliseconds. */
  readonly recordedAt: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

export interface AuditLink extends AuditContent {
  readonly previousHash: Buffer;
  readonly hash: Buffer;
}

/** The end of a chain: its last sequence and hash. */
export interface ChainEnd {
  readonly sequence: number;
  readonly hash: Buffer;
}

/** Where every chain begins; 32 zero bytes stand for "nothing before". */
export const CHAIN_START: ChainEnd = { sequence: 0, hash: Buffer.alloc(32) };

/** The chain that an entry belongs to: one per model, and one for the rest. */
export const chainOf = (modelId: string | null): string => (modelId === null ? 'platform' : `model:${modelId}`);

/** The id of the model that a chain belongs to; null for the platform's. */
export const modelOfChain = (chain: string): string | null =>
  chain.startsWith('model:') ? chain.slice('model:'.length) : null;

/**
 * Details in canonical JSON (RFC 8785), which is what is stored. Numbers come back from jsonb as the same doubles, since both print the shortest
 * decimal that reads back; what JSON cannot say has no such guarantee and is refused.
 * @throws Error for NaN, infinities, bigints, and text that PostgreSQL cannot keep (U+0000, lone surrogates)
 */
export function canonicalDetails(details: Readonly<Record<string, unknown>>): string {
  const text = canonicalize(details);
  if (text === undefined) throw new Error('Audit details must be an object of JSON values.');
  // Escaped by JSON as \u0000 and \ud800…\udfff; an even number of backslashes before it would be text that merely looks so.
  if (/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(text))
    throw new Error('Audit details hold U+0000 or a lone surrogate, which jsonb cannot keep.');
  return text;
}

/**
 * SHA-256 over the canonical JSON (RFC 8785) of an entry and the hash before it, 32 bytes.
 * @param previousHash of the entry before, or of CHAIN_START
 */
export function hashEntry(content: AuditContent, previousHash: Buffer): Buffer {
  const { chain, sequence, recordedAt, actor, action, subject, details, requestId } = content;
  const text = canonicalize({
    chain,
    sequence,
    recordedAt: recordedAt.getTime(),
    actor,
    action,
    subject,
    details,
    requestId,
    previousHash: previousHash.toString('hex'),
  });
  return createHash('sha256').update(String(text)).digest();
}

export interface ChainBreak {
  /** The first entry that cannot be relied on. */
  readonly sequence: number;
  readonly problem: string;
}

/**
 * What is wrong with the link from one entry to the next, or null.
 * @param before the entry before it, or CHAIN_START
 */
export function findLinkBreak(before: ChainEnd, entry: AuditLink): ChainBreak | null {
  const sequence = before.sequence + 1;
  if (entry.sequence < sequence)
    return { sequence: entry.sequence, problem: `entry ${entry.sequence} stands where none was written` };
  if (entry.sequence > sequence) return { sequence, problem: `entry ${sequence} is missing` };
  if (!entry.previousHash.equals(before.hash))
    return { sequence, problem: `entry ${sequence} does not continue the entry before it` };
  if (!hashEntry(entry, entry.previousHash).equals(entry.hash))
    return { sequence, problem: `entry ${sequence} was changed after it was written` };
  return null;
}

/**
 * What is wrong with the recorded head, given the last entry that is there, or null. This is how a cut tail shows, which no link can.
 * @param last the last entry, or CHAIN_START
 * @param head the head's row, or CHAIN_START when there is none
 */
export function findHeadBreak(last: ChainEnd, head: ChainEnd): ChainBreak | null {
  const sequence = Math.min(last.sequence, head.sequence) + 1;
  if (head.sequence > last.sequence)
    return { sequence, problem: `its tail is cut off, entries ${sequence} to ${head.sequence} are missing` };
  if (head.sequence < last.sequence)
    return {
      sequence,
      problem: `its head stands at entry ${head.sequence}, yet there are entries up to ${last.sequence}`,
    };
  if (!head.hash.equals(last.hash))
    return { sequence: last.sequence, problem: `its head does not have the hash of entry ${last.sequence}` };
  return null;
}

/**
 * Follows one chain from its first entry to its end, for chains that do not fit into memory, and stops at the first thing that does not fit.
 * Links and head find every change by who cannot compute hashes, and a cut tail. Who can compute them and has the owner's rights can write the whole
 * chain anew, head and all: only a head that was kept elsewhere tells.
 */
export class ChainWalk {
  private last = CHAIN_START;

  /** @param kept a head of this chain that was exported earlier; null: none */
  constructor(private readonly kept: ChainEnd | null = null) {}

  /** @param entry the next one by sequence, whatever its sequence is */
  take(entry: AuditLink): ChainBreak | null {
    const found = findLinkBreak(this.last, entry);
    if (found) return found;
    this.last = { sequence: entry.sequence, hash: entry.hash };
    if (entry.sequence !== this.kept?.sequence || entry.hash.equals(this.kept.hash)) return null;
    const { sequence } = entry;
    return {
      sequence,
      problem: `it was rewritten, up to entry ${sequence} at least: that has another hash than the kept head`,
    };
  }

  /** After the last entry. @param head the head's row, or CHAIN_START when there is none */
  end(head: ChainEnd): ChainBreak | null {
    const found = findHeadBreak(this.last, head);
    if (found || !this.kept || this.kept.sequence <= this.last.sequence) return found;
    const sequence = this.last.sequence + 1;
    const missing = `entries ${sequence} to ${this.kept.sequence} are missing`;
    return { sequence, problem: `its tail is cut off since its head was kept, ${missing}` };
  }
}
