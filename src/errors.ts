import { DomainError } from './domain-error';

export { CORRECTABLE_CODES, DomainError, ERROR_CODES, type ErrorCode } from './domain-error';

/** A value of the input is not acceptable: the message says what is wrong with it and what would be right. */
export class InvalidInput extends DomainError {
  readonly code = 'INVALID_INPUT';
  constructor(field: string | readonly string[], problem: string, details: Record<string, unknown> = {}) {
    const path = typeof field === 'string' ? field.split('.') : field;
    super(`${path.filter((part) => part !== 'input').join('.') || 'input'}: ${problem}`, details, path);
  }
}

/** Several values of the input are not acceptable; mutations answer each as a userError of its own. */
export class InvalidInputs extends DomainError {
  readonly code = 'INVALID_INPUT';
  constructor(readonly all: readonly InvalidInput[]) {
    const problems = all.map(({ field, message }) => ({ field, message }));
    super(all.map(({ message }) => message).join('; '), { problems }, all[0]?.field ?? null);
  }
}

/** A search in the one-line language cannot be read. */
export class SearchInvalid extends DomainError {
  readonly code = 'INVALID_INPUT';
  /** @param position of the character at fault, from 1; one behind the last for the end of the text */
  constructor(position: number, problem: string, expected: readonly string[]) {
    const choice = [expected.slice(0, -1).join(', '), ...expected.slice(-1)].filter((part) => part !== '').join(' or ');
    super(`search, character ${position}: ${problem}; expected ${choice}`, { position, expected }, ['search']);
  }
}

/** The expression of an on-demand feature cannot be read, or its types do not fit. */
export class ExpressionInvalid extends DomainError {
  readonly code = 'INVALID_INPUT';
  /** @param position of the character at fault, from 1; one behind the last for the end of the text */
  constructor(field: readonly string[], position: number, problem: string, expected: string) {
    const path = field.filter((part) => part !== 'input').join('.');
    super(`${path}, character ${position}: ${problem}; expected ${expected}`, { position, expected }, field);
  }
}

export class NotFound extends DomainError {
  readonly code = 'NOT_FOUND';
  constructor(kind: string, key: string, remedy = '', field: readonly string[] | null = null) {
    super(`There is no ${kind} ${JSON.stringify(key)}.${remedy ? ` ${remedy}` : ''}`, { kind, key }, field);
  }
}

export class AlreadyExists extends DomainError {
  readonly code = 'ALREADY_EXISTS';
  constructor(kind: string, key: string, field: readonly string[] | null = null) {
    super(
      `A ${kind} named ${JSON.stringify(key)} exists already. Choose another name or update that one.`,
      { kind, key },
      field,
    );
  }
}

/** The caller read the row at one revision and it has moved on since. */
export class StaleRevision extends DomainError {
  readonly code = 'STALE_REVISION';
  constructor(kind: string, expected: number, actual: number) {
    super(
      `This ${kind} was changed since you read it (you have revision ${expected}, it is at ${actual}). Read it again and repeat the change.`,
      {
        kind,
        expected,
        actual,
      },
    );
  }
}

/** The version is not in the stage that the caller believed. */
export class StageConflict extends DomainError {
  readonly code = 'STAGE_CONFLICT';
  constructor(expected: string, actual: string) {
    super(
      `The version is in ${actual}, not in ${expected}: someone moved it meanwhile. Read it again and decide anew.`,
      { expected, actual },
      ['input', 'expectedStage'],
    );
  }
}

export class StageTransitionNotAllowed extends DomainError {
  readonly code = 'STAGE_TRANSITION_NOT_ALLOWED';
  constructor(from: string, to: string, allowed: readonly string[]) {
    super(
      `Cannot move a version from ${from} to ${to}. From ${from} it can go to ${allowed.join(' or ') || 'no other stage'}.`,
      { from, to, allowed },
      ['input', 'toStage'],
    );
  }
}

/** Production moved between the comparison with it and the gate. */
export class BaselineChanged extends DomainError {
  readonly code = 'BASELINE_CHANGED';
  constructor(model: string) {
    super(
      `The production version of ${model} has changed meanwhile. Look at the one that is there now, and ask again: it will be compared with that.`,
      {
        model,
      },
    );
  }
}

/** The version is registered but cannot answer predictions. */
export class NotServable extends DomainError {
  readonly code = 'NOT_SERVABLE';
  constructor(model: string, reason: string) {
    super(`${model} cannot serve predictions: ${reason}`, { model, reason });
  }
}

/** Something that the call builds on has not finished yet, or has failed. */
export class NotReady extends DomainError {
  readonly code = 'NOT_READY';
  constructor(kind: string, name: string, state: string, remedy: string, field: readonly string[] | null = null) {
    super(`The ${kind} ${name} is ${state}. ${remedy}`, { kind, name, state }, field);
  }
}

/** A blocking data quality rule failed. */
export class QualityBlocked extends DomainError {
  readonly code = 'QUALITY_BLOCKED';
  constructor(view: string, failures: readonly string[]) {
    super(
      `Blocking quality rules of ${view} failed: ${failures.join('; ')}. Correct the data, or change the rule's severity to WARN.`,
      { view, failures },
    );
  }
}

export class InUse extends DomainError {
  readonly code = 'IN_USE';
  constructor(kind: string, key: string, users: readonly string[], remedy = 'Change those first.') {
    super(`${kind} ${JSON.stringify(key)} is used by ${users.join(', ')}. ${remedy}`, { kind, key, users });
  }
}

/** The model's rules leave this move to others than the one who wants it. */
export class ApprovalRequired extends DomainError {
  readonly code = 'APPROVAL_REQUIRED';
  constructor(model: string, toStage: string, approvals: number) {
    const people = approvals === 1 ? 'one other person' : `${approvals} other people`;
    super(
      `Moves of ${model} to ${toStage} have to be approved by ${people}. Ask for it with requestTransition.`,
      { model, toStage, approvals },
      ['input', 'toStage'],
    );
  }
}

/** One request per version and stage waits at a time. */
export class RequestWaits extends DomainError {
  readonly code = 'ALREADY_EXISTS';
  /** @param expiresAt ISO 8601 */
  constructor(requestedBy: string, expiresAt: string) {
    super(
      `${requestedBy} has asked for this move already: approve or reject that request (transitionRequests lists it), or wait until it runs out at ${expiresAt}.`,
      { requestedBy, expiresAt },
      ['input', 'toStage'],
    );
  }
}

export class RequestClosed extends DomainError {
  readonly code = 'REQUEST_CLOSED';
  constructor(id: string, status: string) {
    super(`The request is ${status}: it can no longer be decided. Ask anew with requestTransition.`, { id, status }, [
      'input',
      'id',
    ]);
  }
}

/** Production has moved between a request for a promotion and its last approval. */
export class RequestSuperseded extends DomainError {
  readonly code = 'BASELINE_CHANGED';
  /** @param expected number of the version that it was to replace, @param actual of that in production; null: none */
  constructor(model: string, expected: number | null, actual: number | null) {
    const named = (version: number | null) => (version === null ? 'no version' : `version ${version}`);
    super(
      `The request was to replace ${named(expected)} of ${model} in production, where ${named(actual)} is by now. It is closed as SUPERSEDED: compare anew, then ask again with requestTransition.`,
      { model, expected, actual },
      ['input', 'id'],
    );
  }
}

export class SelfApproval extends DomainError {
  readonly code = 'SELF_APPROVAL';
  constructor(actor: string) {
    super(`${actor} has made this request: somebody else has to approve it.`, { actor }, ['input', 'id']);
  }
}

/** One run per model at a time, over all triggers. */
export class RunInProgress extends DomainError {
  readonly code = 'RUN_IN_PROGRESS';
  constructor(model: string, runId: string) {
    super(`A training run of ${model} is in progress (${runId}). Wait for it or cancel its job.`, { model, runId });
  }
}

export class IdempotencyKeyReused extends DomainError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  constructor(key: string) {
    super(
      `The idempotency key ${JSON.stringify(key)} was used with another input. Use a new key for a new request.`,
      { key },
      ['input', 'idempotencyKey'],
    );
  }
}

export class CursorInvalid extends DomainError {
  readonly code = 'CURSOR_INVALID';
  constructor(cursor: string) {
    super(
      `${JSON.stringify(cursor)} is not a cursor of this list. Use an endCursor that this list returned, or leave it out.`,
      {},
      ['after'],
    );
  }
}

export class CursorExpired extends DomainError {
  readonly code = 'CURSOR_EXPIRED';
  constructor(oldest: string) {
    super(
      'The events after this cursor are no longer kept. Read the current state by query, then subscribe with after: null.',
      { oldest },
      ['after'],
    );
  }
}

/** The listener took events more slowly than they came, and its bounded queue is full. */
export class ListenerTooSlow extends DomainError {
  readonly code = 'LISTENER_TOO_SLOW';
  constructor(lastCursor: string | null) {
    super(
      'This listener fell too far behind and was ended. Subscribe again with after set to the last cursor that you handled.',
      { lastCursor },
    );
  }
}

export class Cancelled extends DomainError {
  readonly code = 'CANCELLED';
  constructor(what: string) {
    super(`${what} was cancelled.`);
  }
}

export class Unauthenticated extends DomainError {
  readonly code = 'UNAUTHENTICATED';
  constructor(reason: string) {
    super(
      `${reason} Send "Authorization: Bearer <token>"; an administrator makes tokens with "npx mooring token create".`,
    );
  }
}

export class Forbidden extends DomainError {
  readonly code = 'FORBIDDEN';
  constructor(actor: string, action: string, roles: readonly string[]) {
    super(`${actor} may not ${action}. It needs one of the roles ${roles.join(', ')}.`, { action, roles });
  }
}

export class Overloaded extends DomainError {
  readonly code = 'OVERLOADED';
  constructor(retryAfterMs: number) {
    super(`Too much work is waiting. Try again in ${retryAfterMs} ms.`, { retryAfterMs });
  }
}

export class ShuttingDown extends DomainError {
  readonly code = 'SHUTTING_DOWN';
  constructor() {
    super('The server is shutting down. Connect again in a moment.');
  }
}

/** The stored bytes no longer have the digest they were stored under. */
export class ArtifactCorrupt extends DomainError {
  readonly code = 'ARTIFACT_CORRUPT';
  constructor(digest: string) {
    super(`The bytes stored as ${digest} do not match their digest. Restore them from a backup; they were not used.`, {
      digest,
    });
  }
}
