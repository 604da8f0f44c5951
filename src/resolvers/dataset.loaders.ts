import { defineNodeLoader } from '../schema/node';

export const datasetById = defineNodeLoader('Dataset', (ctx, ids) => ctx.services.datasets.find(ids));
