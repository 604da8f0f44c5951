import type { DataSource, EntityManager } from 'typeorm';
import { type ActorRef, AuditEntry, AuditHead } from '../../entities';
import {
  CHAIN_START,
  type ChainBreak,
  type ChainEnd,
  ChainWalk,
  canonicalDetails,
  chainOf,
  hashEntry,
} from './audit-chain';

const PAGE_SIZE = 1000;

export interface NewAuditEntry {
  /** The model whose chain the entry belongs to; null: the platform's chain. */
  readonly modelId: string | null;
  readonly actor: ActorRef;
  /** What was done, for example 'version.transition'. */
  readonly action: string;
  /** To what, in the style of global ids: 'ModelVersion:<uuid>'. */
  readonly subject: string;
  /** JSON values only. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditVerification {
  readonly valid: boolean;
  /** Entries that are there. */
  readonly entryCount: number;
  readonly firstBrokenSequence: number | null;
  /** Hash of the last entry by the head's row, in hex; null for an empty chain. Keep it elsewhere to prove later that nothing was rewritten. */
  readonly head: string | null;
  /** Number of the last entry by the head's row; null for an empty chain. */
  readonly headSequence: number | null;
  readonly message: string;
}

/**
 * The append-only record of every change that matters: one hash chain per model and one for the rest.
 *
 * Order of locks, so that transactions never wait for each other in a circle: first the rows that the change is about (the model's row before
 * any other), then, last of all, `append`, which locks the head of its chain until the transaction ends. A transaction that appends to a
 * model's chain and the platform's appends to the model's first; what concerns several models (a batch of outcomes alone) appends to their chains in
 * the order of their ids. After it come only plain inserts, and updates of rows that the transaction holds.
 */
export class AuditTrail {
  constructor(private readonly deps: { dataSource: DataSource }) {}

  /**
   * Appends one entry in the caller's transaction: it is there if and only if the change is.
   * @throws Error when the details hold what JSON cannot say (NaN, infinities, U+0000)
   */
  async append(manager: EntityManager, entry: NewAuditEntry): Promise<void> {
    const details = canonicalDetails(entry.details);
    const chain = chainOf(entry.modelId);
    const head = await this.lockHead(manager, chain);
    const content = {
      chain,
      sequence: head.sequence + 1,
      recordedAt: head.recordedAt,
      actor: entry.actor.name,
      action: entry.action,
      subject: entry.subject,
      details: JSON.parse(details) as Record<string, unknown>,
      requestId: entry.actor.requestId,
    };
    const hash = hashEntry(content, head.hash);
    await manager.query(
      `WITH entry AS (
         INSERT INTO audit_entries (chain, sequence, recorded_at, actor, action, subject, details, request_id, previous_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       )
       UPDATE audit_heads SET sequence = $2, hash = $10 WHERE chain = $1`,
      // prettier-ignore
      [chain, content.sequence, content.recordedAt, content.actor, content.action, content.subject, details, content.requestId, head.hash, hash],
    );
  }

  /**
   * Recomputes a chain from its first entry, in pages, on one snapshot, and compares its end with the head's row.
   * @param modelId null: the platform's chain
   * @param kept a head of the chain that was exported earlier; null: none
   */
  verify(modelId: string | null, kept: ChainEnd | null = null): Promise<AuditVerification> {
    return this.verifyChain(chainOf(modelId), kept);
  }

  /** The same by the chain's name, for chains whose model is not known any more. */
  async verifyChain(chain: string, kept: ChainEnd | null = null): Promise<AuditVerification> {
    return this.deps.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const row = await manager.findOneBy(AuditHead, { chain });
      const entryCount = await manager.countBy(AuditEntry, { chain });
      const found = await this.findBreak(manager, chain, row ?? CHAIN_START, kept);
      const unbroken = kept ? `, and entry ${kept.sequence} has the hash of the kept head.` : '.';
      return {
        valid: found === null,
        entryCount,
        firstBrokenSequence: found?.sequence ?? null,
        head: row?.hash.toString('hex') ?? null,
        headSequence: row?.sequence ?? null,
        message: found
          ? `The chain is broken: ${found.problem}.`
          : `All ${entryCount} entries are as they were written${unbroken}`,
      };
    });
  }

  /** Follows the links from the first entry on, a page at a time. */
  private async findBreak(
    manager: EntityManager,
    chain: string,
    head: ChainEnd,
    kept: ChainEnd | null,
  ): Promise<ChainBreak | null> {
    const walk = new ChainWalk(kept);
    let after: number | null = null;
    for (;;) {
      const query = manager.createQueryBuilder(AuditEntry, 'entry').where('entry.chain = :chain', { chain });
      // The first page has no lower bound: an entry that somebody put in before the first one must show.
      if (after !== null) query.andWhere('entry.sequence > :after', { after });
      const page = await query.orderBy('entry.sequence').limit(PAGE_SIZE).getMany();
      for (const entry of page) {
        const found = walk.take(entry);
        if (found) return found;
        after = entry.sequence;
      }
      if (page.length < PAGE_SIZE) return walk.end(head);
    }
  }

  /** Locks the head of the chain, making it for the first entry; the time is the database's, so that it grows along the chain on every replica. */
  private async lockHead(manager: EntityManager, chain: string): Promise<ChainEnd & { recordedAt: Date }> {
    const rows = await manager.query<{ sequence: string | number; hash: Buffer; recordedAt: Date }[]>(
      `INSERT INTO audit_heads AS head (chain, sequence, hash) VALUES ($1, $2, $3)
       ON CONFLICT (chain) DO UPDATE SET chain = head.chain
       RETURNING sequence, hash, clock_timestamp()::timestamptz(3) AS "recordedAt"`,
      [chain, CHAIN_START.sequence, CHAIN_START.hash],
    );
    const [row] = rows;
    if (!row) throw new Error(`The head of audit chain ${chain} could not be locked.`);
    return { sequence: Number(row.sequence), hash: row.hash, recordedAt: row.recordedAt };
  }
}
