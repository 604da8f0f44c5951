import { Worker } from 'node:worker_threads';
import { InvalidInput } from '../../errors';
import { workerFile } from '../../worker-file';
import type { CompareOutcome, CompareTask, FitOutcome, FitTask, ProfileOutcome, ProfileTask } from './training-task';

type Task = FitTask | CompareTask | ProfileTask;
type Outcome = FitOutcome | CompareOutcome | ProfileOutcome;

export interface TrainingThreadData {
  readonly task: Task;
  /** Element 0 turns 1 when the work shall stop: a thread that computes without pause hears no messages, but can read shared memory. */
  readonly cancelFlag: Int32Array;
}

export type TrainingMessage =
  | { readonly kind: 'PROGRESS'; readonly iteration: number; readonly total: number }
  | { readonly kind: 'DONE'; readonly outcome: Outcome }
  /** The data cannot be learned from, or the work was told to stop. */
  | { readonly kind: 'REFUSED'; readonly message: string };

interface ThreadOptions {
  readonly signal?: AbortSignal;
  readonly onIteration?: (iteration: number, total: number) => void;
}

/** Memory of one training: 500k rows of 50 features take about 1 GB with their histograms. */
const MAX_HEAP_MB = 4096;

/**
 * Does the task in a thread of its own.
 * @throws InvalidInput when the data cannot be learned from; the reason of the signal once that has stopped it
 */
export function runTrainingThread(task: FitTask, options?: ThreadOptions): Promise<FitOutcome>;
export function runTrainingThread(task: CompareTask, options?: ThreadOptions): Promise<CompareOutcome>;
export function runTrainingThread(task: ProfileTask, options?: ThreadOptions): Promise<ProfileOutcome>;
export async function runTrainingThread(task: Task, { signal, onIteration }: ThreadOptions = {}): Promise<Outcome> {
  signal?.throwIfAborted();
  const cancelFlag = new Int32Array(new SharedArrayBuffer(4));
  const workerData: TrainingThreadData = { task, cancelFlag };
  const worker = new Worker(workerFile(__dirname, 'training.worker'), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const cancel = () => Atomics.store(cancelFlag, 0, 1);
  signal?.addEventListener('abort', cancel);
  try {
    return await outcomeOf(worker, onIteration);
  } catch (error) {
    // What the thread answers to a stop does not say why it was stopped: by a user, who ends the job, or by the server, which does it again later.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function outcomeOf(worker: Worker, onIteration: ThreadOptions['onIteration']): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: TrainingMessage) => {
      if (message.kind === 'PROGRESS') onIteration?.(message.iteration, message.total);
      else if (message.kind === 'DONE') resolve(message.outcome);
      else reject(new InvalidInput('dataset', message.message));
    });
    worker.on('error', reject);
    // After a message this changes nothing: a promise settles once.
    worker.on('exit', (code) => reject(new Error(`The training thread ended with exit code ${code}.`)));
  });
}
