import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { DomainError, type ErrorCode } from '../errors';
import type { Logger } from '../logger';
import type { Services } from '../schema/context';
import { DOWNLOADS_PATH, UPLOADS_PATH } from '../services/artifacts';
import { toPublicError } from './public-error';

const STATUS: Partial<Record<ErrorCode, number>> = {
  SIGNATURE_INVALID: 403,
  URL_EXPIRED: 410,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ARTIFACT_MISMATCH: 422,
};
/** A client that sends nothing, or takes nothing, for so long has gone. */
const STALLED_MS = 60_000;

/**
 * `PUT /artifacts/uploads/:id` and `GET /artifacts/:digest`: the bytes of artifacts, streamed both ways. The signature in the address is what lets a
 * request pass; no token is asked for. The limit of other bodies does not hold here, since nothing is kept in memory.
 */
export async function serveArtifacts(
  app: FastifyInstance,
  { artifacts }: Pick<Services, 'artifacts'>,
  logger: Logger,
): Promise<void> {
  await app.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    routes.put<{ Params: { id: string } }>(
      `${UPLOADS_PATH}/:id`,
      { bodyLimit: Number.MAX_SAFE_INTEGER },
      async (request, reply) => {
        endWhenStalled(request, reply);
        const length = request.headers['content-length'];
        try {
          const source = (request.body as IncomingMessage | undefined) ?? request.raw;
          const contentLength = length === undefined ? null : Number(length);
          const artifact = await artifacts.receive(request.params.id, queryOf(request), contentLength, source);
          return await reply.code(201).send(artifact);
        } catch (error) {
          // The rest of a refused body is not worth receiving, and an answer before its end reaches few clients otherwise.
          void reply.header('connection', 'close');
          return refuse(error, request, reply);
        }
      },
    );

    routes.get<{ Params: { digest: string } }>(`${DOWNLOADS_PATH}/:digest`, async (request, reply) => {
      endWhenStalled(request, reply);
      const { digest } = request.params;
      try {
        const { mediaType, reader } = await artifacts.openDownload(digest, queryOf(request));
        const etag = `"${digest}"`;
        void reply.header('etag', etag).header('cache-control', 'private, max-age=31536000, immutable');
        if (request.headers['if-none-match']?.includes(etag)) {
          await reader.close();
          return await reply.code(304).send();
        }
        // What is wrong with the first chunk can still be said in an answer; later, all that is left is to break it off.
        const chunks = reader.chunks();
        const first = await chunks.next();
        void reply
          .type(mediaType)
          .header('content-length', reader.sizeBytes)
          .header('content-disposition', `attachment; filename="${digest}"`)
          .header('content-security-policy', 'sandbox');
        return await reply.send(Readable.from(withFirst(first, chunks), { objectMode: false, highWaterMark: 1 }));
      } catch (error) {
        return refuse(error, request, reply);
      }
    });
  });

  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    if (!(error instanceof DomainError)) throw error;
    const status = STATUS[error.code] ?? 500;
    if (status === 500) logger.error({ requestId: request.id, err: error }, 'artifact cannot be read');
    return reply.code(status).send({ errors: [toPublicError(error, request.id).error] });
  };
}

const queryOf = ({ url }: FastifyRequest): URLSearchParams => new URL(url, 'http://any').searchParams;

function endWhenStalled({ raw: { socket } }: FastifyRequest, reply: FastifyReply): void {
  const end = () => socket.destroy();
  socket.setTimeout(STALLED_MS).once('timeout', end);
  // The socket may go on with other requests, which take their own time.
  reply.raw.once('close', () => socket.setTimeout(0).off('timeout', end));
}

async function* withFirst(first: IteratorResult<Buffer, void>, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
