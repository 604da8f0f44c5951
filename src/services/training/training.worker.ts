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

function outcome() {
  switch (task.kind) {
    case 'FIT':
      return fit(task, { onIteration: ({ iteration, total }) => send({ kind: 'PROGRESS', iteration, total }), signal });
    case 'COMPARE':
      return compare(task);
    case 'PROFILE':
      return profile(task);
  }
}

async function run(): Promise<void> {
  try {
    send({ kind: 'DONE', outcome: await outcome() });
  } catch (error) {
    // A fault ends the thread and is met by its 'error' event; an outcome goes as data, since classes do not survive the way between threads.
    if (!(error instanceof DomainError)) throw error;
    send({ kind: 'REFUSED', message: error.message });
  }
}

void run();
