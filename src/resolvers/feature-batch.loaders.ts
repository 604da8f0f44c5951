import { defineNodeLoader } from '../schema/node';

/** For the query `node`: no field leads to a batch. */
defineNodeLoader('FeatureBatch', (ctx, ids) => ctx.services.ingest.find(ids));
