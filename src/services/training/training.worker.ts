import { parentPort, workerData } from 'node:worker_threads';
import { DomainError } from '../../errors';
import type { TrainingMessage, TrainingThreadData } from './training-thread';
import { compare, fit, profile } from './training-task';

/** A thread of its own, so that learning never holds the server's event loop. */
const { task, cancelFlag } = workerData as TrainingThreadData;
const send = (message: TrainingMessage) => parentPort?.postMessage(message);

const signal = {
  get aborted() {
    return Atomics.load(cancelFlag, 0) === 1;
  },
};

async function run(): Promise<void> {
  try {
    const onIteration = ({ iteration, total }: { iteration: number; total: number }) =>
      send({ kind: 'PROGRESS', iteration, total });
    if (task.kind === 'FIT') send({ kind: 'DONE', outcome: await fit(task, { onIteration, signal }) });
    else send({ kind: 'DONE', outcome: await (task.kind === 'COMPARE' ? compare(task) : profile(task)) });
  } catch (error) {
    // A fault ends the thread and is met by its 'error' event; an outcome goes as data, since classes do not survive the way between threads.
    if (!(error instanceof DomainError)) throw error;
    send({ kind: 'REFUSED', message: error.message });
  }
}

void run();
