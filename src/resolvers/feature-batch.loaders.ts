import type { FeatureBatch } from '../entities';
import { defineComputation, defineListLoader } from '../schema/define-loader';
import { defineNodeLoader } from '../schema/node';

/** For the query `node`: no field leads to a batch. */
defineNodeLoader('FeatureBatch', (ctx, ids) => ctx.services.ingest.find(ids));

export const statisticsOfBatch = defineComputation((ctx, batchId) =>
  ctx.services.ingest.statistics(batchId, { signal: ctx.signal }),
);

export const batchesOfJob = defineListLoader<FeatureBatch>(
  (ctx, jobIds) => ctx.services.fileIngest.batchesOf(jobIds),
  ({ jobId }) => jobId ?? '',
);
