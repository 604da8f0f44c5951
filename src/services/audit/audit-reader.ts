import type { DataSource } from 'typeorm';
import { AuditEntry, AuditHead } from '../../entities';
import { type KeysetOrder, type ListArgs, listPage, type Page } from '../database';

const PAGE_SIZE = 1000;

/** Which entries; absent or null: whatever it is. */
export interface AuditFilter {
  readonly chain?: string | null;
  readonly action?: string | null;
  readonly actor?: string | null;
  /** From this moment on. */
  readonly from?: Date | null;
  /** Before this moment. */
  readonly to?: Date | null;
}

const LAST_FIRST: KeysetOrder = { by: ['sequence'], direction: 'DESC' };
/** Over several chains there is no order but that of time; chain and sequence make it total. */
const NEWEST_FIRST: KeysetOrder = { by: ['recordedAt', 'chain', 'sequence'], direction: 'DESC' };

/** Reads the audit trail: pages for lists, streams for exports. */
export class AuditReader {
  constructor(private readonly deps: { readonly dataSource: DataSource }) {}

  /** Newest first. */
  list({ chain, action, actor, from, to }: AuditFilter, args: ListArgs): Promise<Page<AuditEntry>> {
    const query = this.deps.dataSource.manager.createQueryBuilder(AuditEntry, 'entry');
    if (chain != null) query.andWhere('entry.chain = :chain', { chain });
    if (action != null) query.andWhere('entry.action = :action', { action });
    if (actor != null) query.andWhere('entry.actor = :actor', { actor });
    if (from != null) query.andWhere('entry.recordedAt >= :from', { from });
    if (to != null) query.andWhere('entry.recordedAt < :to', { to });
    return listPage(query, args, chain == null ? NEWEST_FIRST : LAST_FIRST);
  }

  /** The end of every chain, by chain. */
  heads(): Promise<AuditHead[]> {
    return this.deps.dataSource.manager.find(AuditHead, { order: { chain: 'ASC' } });
  }

  /**
   * Every entry of a chain, or of all, chain by chain and in order, as of the moment of the first one: one snapshot, a page in memory at a time.
   * @param chain null: all
   */
  async *stream(chain: string | null): AsyncGenerator<AuditEntry, void, void> {
    const runner = this.deps.dataSource.createQueryRunner();
    try {
      await runner.startTransaction('REPEATABLE READ');
      let last: AuditEntry | null = null;
      for (;;) {
        const query = runner.manager.createQueryBuilder(AuditEntry, 'entry');
        if (chain !== null) query.andWhere('entry.chain = :chain', { chain });
        if (last) query.andWhere('(entry.chain, entry.sequence) > (:lastChain, :lastSequence)');
        const page: AuditEntry[] = await query
          .setParameters({ lastChain: last?.chain, lastSequence: last?.sequence })
          .orderBy('entry.chain')
          .addOrderBy('entry.sequence')
          .limit(PAGE_SIZE)
          .getMany();
        yield* page;
        last = page.at(-1) ?? null;
        if (page.length < PAGE_SIZE) return;
      }
    } finally {
      // Nothing was written: whoever stops listening early ends it in the same way.
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      await runner.release();
    }
  }
}
