import { Pool } from 'pg';
import PgBoss from 'pg-boss';
import type { EntityManager } from 'typeorm';
import type { JobKind } from '../../entities';
import type { Logger } from '../../logger';

interface Payload {
  readonly jobId: string;
}

/** Time between fetching a delivery and claiming its job; what takes longer has crashed, and the sweep sends the job anew. */
const EXPIRE_SECONDS = 60;

/** Any number that no other advisory lock here has. */
const INSTALL_LOCK = 7_201_563;

/**
 * pg-boss as the messenger that says "there is a job to do": it waits, delays and hands each message to one replica. What a job is and how it goes
 * stands in `jobs`; a message that is doubled or outdated is harmless, since the job has to be claimed there.
 */
export class JobDelivery {
  private readonly pool: Pool;
  private readonly boss: PgBoss;

  constructor(databaseUrl: string, logger: Logger) {
    this.pool = new Pool({ connectionString: databaseUrl, max: 2, application_name: 'mooring jobs', keepAlive: true });
    this.pool.on('error', (err) => logger.warn({ err }, 'a connection of the job queue was lost'));
    this.boss = new PgBoss({ db: { executeSql: (sql, values) => this.execute(sql, values) }, schedule: false });
    this.boss.on('error', (err) => logger.error({ err }, 'pg-boss'));
  }

  /** Installs pg-boss on the first start (its schema `pgboss`, so the role needs CREATE on the database) and makes the queues. */
  async start(kinds: readonly JobKind[]): Promise<void> {
    await this.alone(async () => {
      await this.boss.start();
      // 'short': at most one waiting message per job, so sending again does no harm. pg-boss itself retries nothing.
      for (const kind of kinds)
        await this.boss.createQueue(kind, {
          name: kind,
          policy: 'short',
          retryLimit: 0,
          expireInSeconds: EXPIRE_SECONDS,
        });
    });
  }

  async stop(): Promise<void> {
    await this.boss.stop({ graceful: false });
    await this.pool.end();
  }

  /**
   * Sends in the caller's transaction: the message is there if and only if the change is.
   * @param pauseSeconds until it may be fetched
   * @returns false when a message of this job waits already, or there is no queue of the kind
   */
  async send(manager: EntityManager, kind: JobKind, jobId: string, pauseSeconds = 0): Promise<boolean> {
    const db = {
      executeSql: async (sql: string, values: unknown[]) => ({ rows: await manager.query<unknown[]>(sql, values) }),
    };
    return (await this.boss.send(kind, { jobId }, { db, singletonKey: jobId, startAfter: pauseSeconds })) !== null;
  }

  /** Sends for jobs that wait without a message; where there is one, nothing happens. */
  async resend(jobs: readonly { readonly id: string; readonly kind: JobKind }[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.boss.insert(jobs.map(({ id, kind }) => ({ name: kind, data: { jobId: id }, singletonKey: id })));
  }

  /** Takes up to `count` messages; each has to be acknowledged once its job is claimed. Empty when the database is away. */
  async fetch(kind: JobKind, count: number): Promise<{ id: string; jobId: string }[]> {
    const messages = await this.boss.fetch<Payload>(kind, { batchSize: count });
    return messages.map(({ id, data }) => ({ id, jobId: data.jobId }));
  }

  async acknowledge(kind: JobKind, id: string): Promise<void> {
    await this.boss.deleteJob(kind, id);
  }

  /** One replica at a time: each queue is a partition of its own, and replicas that make theirs together deadlock. */
  private async alone(install: () => Promise<void>): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('SELECT pg_advisory_lock($1)', [INSTALL_LOCK]);
      await install();
    } finally {
      // Closed, not given back: that frees the lock.
      client.release(true);
    }
  }

  private async execute(sql: string, values: unknown[] | undefined): Promise<{ rows: unknown[] }> {
    const client = await this.pool.connect();
    try {
      const result = await client.query(sql, values);
      client.release();
      return result;
    } catch (error) {
      // pg-boss sends BEGIN and COMMIT within one text: a failure in between leaves the connection in an aborted transaction, so it is closed.
      client.release(true);
      throw error;
    }
  }
}
