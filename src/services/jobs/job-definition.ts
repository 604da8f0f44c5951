import type { ActorRef, JobKind } from '../../entities';
import type { JobFailure } from './job-outcome.policy';

/** What a handler knows of the job it works on. */
export interface JobContext {
  readonly jobId: string;
  /** From 1; more than 1 when an earlier attempt failed or its process died, so parts of the work may be there already. */
  readonly attempt: number;
  /** Who asked for the job. */
  readonly actor: ActorRef;
  /**
   * Aborted when the handler shall stop: throw soon, `signal.throwIfAborted()` will do. Its reason is Cancelled, or ShuttingDown (the job is run again
   * after the next start: do not cancel what it waits for), or an Error when another worker has taken the job over.
   */
  readonly signal: AbortSignal;
  /**
   * Tells how far it is; written at most once a second.
   * @param ratio 0 to 1
   */
  progress(ratio: number, message: string): void;
}

export interface JobOptions<I> {
  /**
   * Called before a job ends as failed or cancelled (code CANCELLED), so that its subject can be marked; at least once, and also for a job that
   * never ran.
   */
  readonly onFailed?: (input: I, error: JobFailure, job: JobContext) => Promise<void>;
  /** Jobs of this kind that run at once in this process; 1 unless told. */
  readonly concurrency?: number;
}

export interface JobDefinition {
  readonly kind: JobKind;
  readonly handle: (input: unknown, job: JobContext) => Promise<void>;
  readonly onFailed: (input: unknown, error: JobFailure, job: JobContext) => Promise<void>;
  readonly concurrency: number;
}
