import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../../src/logger';
import { EventConsumers, EventRelay, EventStream, type MooringEvent, recordEvent } from '../../../src/services/events';
import type { TestDatabase } from '../../support/test-database';

const logger = createLogger('silent');

/** A relay, streams and consumers on one test database, all stopped by `stop`. */
export class EventBench {
  private readonly stops: (() => Promise<void>)[] = [];

  constructor(readonly database: TestDatabase) {}

  startRelay({ retentionHours = 168 } = {}): EventRelay {
    const { dataSource, url } = this.database;
    const relay = new EventRelay({ dataSource, databaseUrl: url, logger, retentionHours });
    relay.start();
    this.stops.push(() => relay.stop());
    return relay;
  }

  async startStream({ subscriberQueueSize = 1000 } = {}): Promise<EventStream> {
    const { dataSource, url } = this.database;
    const stream = new EventStream({ dataSource, databaseUrl: url, logger, subscriberQueueSize });
    await stream.start();
    this.stops.push(() => stream.stop());
    return stream;
  }

  consumers(stream: EventStream, retryPausesMs?: readonly number[]): EventConsumers {
    const { dataSource, url } = this.database;
    const consumers = new EventConsumers({ dataSource, databaseUrl: url, stream, logger, retryPausesMs });
    this.stops.push(() => consumers.stop());
    return consumers;
  }

  async stop(): Promise<void> {
    for (const stop of this.stops.splice(0).reverse()) await stop();
  }

  /** Records an event that carries a number, and commits after a pause. */
  async record(number: number, { pauseMs = 0, modelId = null as string | null } = {}): Promise<void> {
    await this.database.dataSource.transaction(async (manager) => {
      const actor = { name: 'ada', requestId: 'r1' };
      const payload = { datasetId: String(number) };
      await recordEvent(manager, { type: 'DATASET_READY', modelId, payload, actor });
      if (pauseMs > 0) await sleep(pauseMs);
    });
  }

  /** Ends the connections of this name, as a network or a server that dies would, once there are so many. */
  async terminate(applicationName: string, count = 1): Promise<void> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const sessions = await this.database.dataSource.query<{ pid: number }[]>(
        'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
        [applicationName],
      );
      if (sessions.length >= count) {
        for (const { pid } of sessions) await this.database.dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
        return;
      }
      if (Date.now() > deadline)
        throw new Error(`there are ${sessions.length} sessions of ${applicationName}, not ${count}`);
      await sleep(10);
    }
  }

  /** PostgreSQL's process of the relay that holds the lock. */
  async activeRelayPid(): Promise<number | null> {
    const rows = await this.database.dataSource.query<{ pid: number }[]>(
      `SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid)
       WHERE locktype = 'advisory' AND granted AND application_name = 'mooring relay' AND datname = current_database()`,
    );
    return rows[0]?.pid ?? null;
  }
}

/** Takes so many events. */
export async function take(events: AsyncIterator<MooringEvent>, count: number): Promise<MooringEvent[]> {
  const taken: MooringEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

/** The numbers that `record` put into them. */
export const numbers = (events: readonly MooringEvent[]): number[] =>
  events.map(({ payload }) => Number((payload as { datasetId: string }).datasetId));

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
