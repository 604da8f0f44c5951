import { defineNodeLoader } from '../schema/node';

export const featureServiceById = defineNodeLoader('FeatureService', (ctx, ids) =>
  ctx.services.featureServices.find(ids),
);
export const featureServiceVersionById = defineNodeLoader('FeatureServiceVersion', (ctx, ids) =>
  ctx.services.featureServices.findVersions(ids),
);
