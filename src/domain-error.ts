/**
 * Every outcome that Mooring can name. A DomainError is either correctable (its cause is the caller's input or timing: mutations answer it as a
 * userError) or not (authentication, limits). Anything else that is thrown is a fault: logged with its request id and masked.
 */
export abstract class DomainError extends Error {
  /** Part of the API: clients switch on it. */
  abstract readonly code: ErrorCode;
  constructor(
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    /** Path of the input field at fault, for example ['input', 'rows', '3', 'tenure']. */
    readonly field: readonly string[] | null = null,
  ) {
    super(message);
    this.name = new.target.name;
  }

  /** Whether the caller can mend it by another input; such errors become userErrors of mutations. */
  get correctable(): boolean {
    return CORRECTABLE_CODES.some((code) => code === this.code);
  }

  /** What GraphQL clients see as `extensions`, over HTTP and WebSocket alike. */
  get extensions(): Record<string, unknown> {
    return { code: this.code, ...(this.field ? { field: this.field } : {}), ...this.details };
  }
}

/** Codes of what the caller can mend, by another input or at another time: the GraphQL enum UserErrorCode is made of them. */
export const CORRECTABLE_CODES = [
  'INVALID_INPUT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'STALE_REVISION',
  'STAGE_CONFLICT',
  'STAGE_TRANSITION_NOT_ALLOWED',
  'BASELINE_CHANGED',
  'NOT_SERVABLE',
  'NOT_READY',
  'QUALITY_BLOCKED',
  'IN_USE',
  'APPROVAL_REQUIRED',
  'REQUEST_CLOSED',
  'SELF_APPROVAL',
  'ARTIFACT_TOO_LARGE',
  'RUN_IN_PROGRESS',
  'PREDICTION_EXPIRED',
  'IDEMPOTENCY_KEY_REUSED',
  'CURSOR_INVALID',
  'CURSOR_EXPIRED',
  'LISTENER_TOO_SLOW',
  'CANCELLED',
] as const;

export const ERROR_CODES = [
  ...CORRECTABLE_CODES,
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'OVERLOADED',
  'SHUTTING_DOWN',
  'ARTIFACT_CORRUPT',
  'ARTIFACT_KEY_MISSING',
  'ARTIFACT_MISMATCH',
  'SIGNATURE_INVALID',
  'URL_EXPIRED',
  'RANGE_NOT_SATISFIABLE',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];
