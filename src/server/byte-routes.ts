import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type ErrorCode } from '../errors';
import type { Logger } from '../logger';
import { RangeNotSatisfiable } from '../services/artifacts';
import { type ByteRange, rangeHolds, requestedRange } from './byte-range.policy';
import { toPublicError } from './public-error';

const STATUS: Partial<Record<ErrorCode, number>> = {
  SIGNATURE_INVALID: 403,
  URL_EXPIRED: 410,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  RANGE_NOT_SATISFIABLE: 416,
  ARTIFACT_TOO_LARGE: 413,
  ARTIFACT_MISMATCH: 422,
};
/** A client that sends nothing, or takes nothing, for so long has gone. */
const STALLED_MS = 60_000;

/** Answers a request for bytes that cannot be served. @throws what is no DomainError */
export function refuseBytes(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger) {
  if (!(error instanceof DomainError)) throw error;
  const status = STATUS[error.code] ?? 500;
  // What was said of the bytes does not hold of this answer.
  for (const name of ['etag', 'cache-control', 'content-disposition']) void reply.removeHeader(name);
  if (error instanceof RangeNotSatisfiable) void reply.header('content-range', `bytes */${error.sizeBytes}`);
  if (status === 500) logger.error({ requestId: request.id, err: error }, 'bytes cannot be read');
  return reply
    .code(status)
    .type('application/json')
    .send({ errors: [toPublicError(error, request.id).error] });
}

export const queryOf = ({ url }: FastifyRequest): URLSearchParams => new URL(url, 'http://any').searchParams;

/** The part of immutable bytes that a request asks for; null: the whole. See requestedRange. */
export const rangeOf = (
  { headers }: FastifyRequest,
  etag: string,
  sizeBytes: number,
): ByteRange | 'UNSATISFIABLE' | null =>
  rangeHolds(headers['if-range'] as string | undefined, etag) ? requestedRange(headers.range, sizeBytes) : null;

export function endWhenStalled({ raw: { socket } }: FastifyRequest, reply: FastifyReply): void {
  const end = () => socket.destroy();
  socket.setTimeout(STALLED_MS).once('timeout', end);
  // The socket may go on with other requests, which take their own time.
  reply.raw.once('close', () => socket.setTimeout(0).off('timeout', end));
}
