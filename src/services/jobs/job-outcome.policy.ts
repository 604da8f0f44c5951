import type { JobProblem } from '../../entities';
import { Cancelled, DomainError, InvalidInputs, ShuttingDown } from '../../errors';

/** Attempts at a job, the first included, before it is given up. */
export const MAX_ATTEMPTS = 3;
const FIRST_RETRY_PAUSE_SECONDS = 1;

/** Why a running handler was told to stop: by a user, because the process ends, or because another worker has taken the job over. */
export type StopReason = 'CANCEL' | 'SHUTDOWN' | 'LOST';

export interface JobFailure {
  readonly code: string;
  readonly message: string;
  /** Each value at fault, where there are several. */
  readonly problems?: readonly JobProblem[];
}

/** What becomes of a job whose handler has thrown. */
export type JobOutcome =
  | { readonly kind: 'END'; readonly status: 'FAILED' | 'CANCELLED'; readonly failure: JobFailure }
  /** Another attempt after a pause. */
  | { readonly kind: 'RETRY'; readonly pauseSeconds: number }
  /** Another attempt at once, and this one does not count. */
  | { readonly kind: 'RELEASE' }
  /** It is no longer ours to say. */
  | { readonly kind: 'NONE' };

/**
 * Decides on a thrown error. A DomainError is an outcome and would come again, so it ends the job; any other is a fault that may pass.
 * @param stop why the handler had been told to stop before it threw, or null
 * @param attempt the one that failed, from 1
 * @param requestId stands in the masked message of a fault, so that its log lines can be found
 */
export function decideOutcome(error: unknown, stop: StopReason | null, attempt: number, requestId: string): JobOutcome {
  if (stop === 'LOST') return { kind: 'NONE' };
  if (stop === 'CANCEL' || error instanceof Cancelled) {
    const { code, message } = error instanceof Cancelled ? error : new Cancelled('The job');
    return { kind: 'END', status: 'CANCELLED', failure: { code, message } };
  }
  // Thrown by whatever the handler waited for, it may come before the handler itself was told.
  if (stop === 'SHUTDOWN' || error instanceof ShuttingDown) return { kind: 'RELEASE' };
  if (error instanceof DomainError) return { kind: 'END', status: 'FAILED', failure: failureOf(error) };
  if (attempt < MAX_ATTEMPTS) return { kind: 'RETRY', pauseSeconds: FIRST_RETRY_PAUSE_SECONDS * 4 ** (attempt - 1) };
  return {
    kind: 'END',
    status: 'FAILED',
    failure: { code: 'INTERNAL_SERVER_ERROR', message: `Internal error. Request ${requestId}` },
  };
}

function failureOf(error: DomainError): JobFailure {
  const { code, message } = error;
  if (!(error instanceof InvalidInputs)) return { code, message };
  return { code, message, problems: error.all.map((each) => ({ field: each.field, message: each.message })) };
}

/** What becomes of a job whose worker died, given the attempt that it was at. The death may have been the job's doing, so it counts. */
export function decideOrphan(attempt: number): Extract<JobOutcome, { kind: 'RETRY' | 'END' }> {
  if (attempt < MAX_ATTEMPTS) return { kind: 'RETRY', pauseSeconds: 0 };
  const message = `The process that ran this job ended ${attempt} times before the job did; it is not tried again. Look into the server's log for the reason.`;
  return { kind: 'END', status: 'FAILED', failure: { code: 'WORKER_LOST', message } };
}
