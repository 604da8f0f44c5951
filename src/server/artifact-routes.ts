import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Logger } from '../logger';
import type { Services } from '../schema/context';
import { DOWNLOADS_PATH, RangeNotSatisfiable, UPLOADS_PATH } from '../services/artifacts';
import { endWhenStalled, queryOf, rangeOf, refuseBytes } from './byte-routes';

/**
 * `PUT /artifacts/uploads/:id` and `GET /artifacts/:digest`: the bytes of artifacts, streamed both ways, a single range of them on the way out. The
 * signature in the address is what lets a request pass; no token is asked for. The limit of other bodies does not hold here, since nothing is
 * kept in memory.
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
          return refuseBytes(error, request, reply, logger);
        }
      },
    );

    routes.route<{ Params: { digest: string } }>({
      // One address for both: HEAD tells what GET would, without reading the bytes.
      method: ['GET', 'HEAD'],
      url: `${DOWNLOADS_PATH}/:digest`,
      handler: async (request, reply) => {
        const { digest } = request.params;
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        try {
          const { mediaType, reader } = await artifacts.openDownload(digest, queryOf(request));
          const etag = `"${digest}"`;
          void reply
            .header('etag', etag)
            .header('accept-ranges', 'bytes')
            .header('cache-control', 'private, max-age=31536000, immutable');
          if (request.headers['if-none-match']?.includes(etag)) {
            await reader.close();
            return await reply.code(304).send();
          }
          void reply
            .type(mediaType)
            .header('content-disposition', `attachment; filename="${digest}"`)
            .header('content-security-policy', 'sandbox');
          if (request.method === 'HEAD') {
            await reader.close();
            return await reply.header('content-length', reader.sizeBytes).send();
          }
          const range = rangeOf(request, etag, reader.sizeBytes);
          if (range === 'UNSATISFIABLE') {
            await reader.close();
            throw new RangeNotSatisfiable(request.headers.range ?? '', reader.sizeBytes);
          }
          const part = range ?? { first: 0, last: reader.sizeBytes - 1 };
          // What is wrong with the first chunk can still be said in an answer; later, all that is left is to break it off.
          const chunks = reader.chunks({ ...part, signal: gone.signal });
          const first = await chunks.next();
          if (range)
            void reply.code(206).header('content-range', `bytes ${part.first}-${part.last}/${reader.sizeBytes}`);
          void reply.header('content-length', part.last + 1 - part.first);
          // Not before: what comes before the range is read without a word between the two.
          endWhenStalled(request, reply);
          return await reply.send(Readable.from(withFirst(first, chunks), { objectMode: false, highWaterMark: 1 }));
        } catch (error) {
          // Nobody is there to be told of anything.
          if (gone.signal.aborted) return reply.hijack();
          return refuseBytes(error, request, reply, logger);
        }
      },
    });
  });
}

async function* withFirst(first: IteratorResult<Buffer, void>, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
