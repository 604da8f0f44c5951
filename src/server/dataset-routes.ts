import type { FastifyInstance } from 'fastify';
import type { Logger } from '../logger';
import type { Services } from '../schema/context';
import { DATASETS_PATH } from '../services/features';
import { endWhenStalled, queryOf, refuseBytes } from './byte-routes';

/** `GET /datasets/:id`: the Parquet file of a dataset, streamed. The signature in the address is what lets a request pass; no token is asked for. */
export function serveDatasets(
  app: FastifyInstance,
  { datasetDownloads }: Pick<Services, 'datasetDownloads'>,
  logger: Logger,
): void {
  app.get<{ Params: { id: string } }>(`${DATASETS_PATH}/:id`, async (request, reply) => {
    endWhenStalled(request, reply);
    try {
      const download = await datasetDownloads.open(request.params.id, queryOf(request));
      // A dataset never changes.
      const etag = `"${request.params.id}"`;
      void reply.header('etag', etag).header('cache-control', 'private, max-age=31536000, immutable');
      if (request.headers['if-none-match']?.includes(etag)) return await reply.code(304).send();
      void reply
        .type('application/vnd.apache.parquet')
        .header('content-length', download.sizeBytes)
        .header('content-disposition', `attachment; filename="${download.fileName}"`)
        .header('content-security-policy', 'sandbox');
      return await reply.send(download.read());
    } catch (error) {
      return refuseBytes(error, request, reply, logger);
    }
  });
}
