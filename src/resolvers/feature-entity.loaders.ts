import { defineNodeLoader } from '../schema/node';

export const featureEntityById = defineNodeLoader('FeatureEntity', (ctx, ids) => ctx.services.entities.find(ids));
