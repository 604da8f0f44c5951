import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';

/**
 * Tells this process that a transaction of its own has committed in which something was done, so that a poller need not wait for its next look. It
 * is a hint: other processes are not told, and a crash after the commit loses it.
 */
export class CommitSignal {
  /** @param name unique; marks transactions on TypeORM's own place for such notes */
  constructor(private readonly name: string) {}

  /** Notes that it was done in the manager's transaction; a rollback forgets it. */
  raise(manager: EntityManager): void {
    if (manager.queryRunner) notes(manager.queryRunner)[this.name] = true;
  }

  /**
   * Calls back after each commit of a transaction in which it was raised.
   * @returns stops it
   */
  listen(dataSource: DataSource, callback: () => void): () => void {
    const subscriber: EntitySubscriberInterface = {
      afterTransactionCommit: ({ queryRunner }) => {
        // A released savepoint is announced like a commit, but the transaction goes on.
        if (queryRunner.isTransactionActive || !notes(queryRunner)[this.name]) return;
        notes(queryRunner)[this.name] = false;
        callback();
      },
    };
    dataSource.subscribers.push(subscriber);
    return () => {
      dataSource.subscribers.splice(dataSource.subscribers.indexOf(subscriber), 1);
    };
  }
}

const notes = (queryRunner: QueryRunner): Record<string, unknown> => queryRunner.data;
