import type { FastifyInstance } from 'fastify';
import type { Logger } from '../logger';
import type { Services } from '../schema/context';
import { RangeNotSatisfiable } from '../services/artifacts';
import { DATASETS_PATH } from '../services/features';
import { endWhenStalled, queryOf, rangeOf, refuseBytes } from './byte-routes';

/** `GET /datasets/:id`: the Parquet file of a dataset, or a range of it, streamed. The signature in the address is what lets a request pass; no token is asked for. */
export function serveDatasets(
  app: FastifyInstance,
  { datasetDownloads }: Pick<Services, 'datasetDownloads'>,
  logger: Logger,
): void {
  app.route<{ Params: { id: string } }>({
    method: ['GET', 'HEAD'],
    url: `${DATASETS_PATH}/:id`,
    handler: async (request, reply) => {
      endWhenStalled(request, reply);
      try {
        const { fileName, sizeBytes, read } = await datasetDownloads.open(request.params.id, queryOf(request));
        // A dataset never changes.
        const etag = `"${request.params.id}"`;
        void reply
          .header('etag', etag)
          .header('accept-ranges', 'bytes')
          .header('cache-control', 'private, max-age=31536000, immutable');
        if (request.headers['if-none-match']?.includes(etag)) return await reply.code(304).send();
        void reply
          .type('application/vnd.apache.parquet')
          .header('content-disposition', `attachment; filename="${fileName}"`)
          .header('content-security-policy', 'sandbox');
        if (request.method === 'HEAD') return await reply.header('content-length', sizeBytes).send();
        const range = rangeOf(request, etag, sizeBytes);
        if (range === 'UNSATISFIABLE') throw new RangeNotSatisfiable(request.headers.range ?? '', sizeBytes);
        const { first, last } = range ?? { first: 0, last: sizeBytes - 1 };
        if (range) void reply.code(206).header('content-range', `bytes ${first}-${last}/${sizeBytes}`);
        return await reply.header('content-length', last + 1 - first).send(read(first, last));
      } catch (error) {
        return refuseBytes(error, request, reply, logger);
      }
    },
  });
}
