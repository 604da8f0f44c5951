import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createLogger } from '../../../src/logger';
import { AuditTrail } from '../../../src/services/audit';
import { JobQueue, type JobQueueDeps } from '../../../src/services/jobs';
import type { TestDatabase } from '../../support/test-database';

export const ACTOR = { name: 'ada', requestId: 'r1' };

/** Replicas of the job queue on one test database, all stopped by `stop`. */
export class JobBench {
  private readonly queues: JobQueue[] = [];

  constructor(readonly database: TestDatabase) {}

  /** A replica; define its kinds, then start it. */
  replica(changes: Partial<JobQueueDeps> = {}): JobQueue {
    const { dataSource, url } = this.database;
    const queue = new JobQueue({
      dataSource,
      databaseUrl: url,
      logger: createLogger('silent'),
      audit: new AuditTrail({ dataSource }),
      shutdownGraceSeconds: 5,
      ...changes,
    });
    this.queues.push(queue);
    return queue;
  }

  async stop(): Promise<void> {
    await Promise.all(this.queues.splice(0).map((queue) => queue.stop()));
  }

  /** Enqueues in a transaction of its own. @returns the job's id */
  async enqueue(queue: JobQueue, input: object = {}): Promise<string> {
    const job = { kind: 'DATASET', subject: 'Dataset:1', input, actor: ACTOR } as const;
    return (await this.database.dataSource.transaction((manager) => queue.enqueue(manager, job))).id;
  }
}

/** A promise and what settles it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

type JobProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** A process of its own that runs a job and does not finish it. See job-process.js. */
export function startJobProcess(databaseUrl: string, behaviour: 'hang' | 'crash'): JobProcess {
  const script = path.join(__dirname, 'job-process.js');
  return spawn(process.execPath, [script, databaseUrl, behaviour], { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Waits until it says that the job runs. */
export async function untilRunning(child: JobProcess): Promise<void> {
  let errors = '';
  child.stderr.on('data', (text) => (errors += String(text)));
  const [first] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as unknown[];
  if (!String(first).startsWith('running')) throw new Error(`The job process ended: ${errors}`);
}
