import { defineLoader } from '../schema/define-loader';
import { defineNodeLoader } from '../schema/node';

export const featureViewById = defineNodeLoader('FeatureView', (ctx, ids) => ctx.services.featureViews.find(ids));

/** The view that a version of it belongs to. */
export const featureViewOfVersion = defineLoader(
  (ctx, versionIds) => ctx.services.featureViews.findOfVersions(versionIds),
  ({ ofVersionId }) => ofVersionId,
);
export const ingestedOfVersion = defineLoader(
  (ctx, versionIds) => ctx.services.ingest.summaries(versionIds),
  ({ viewVersionId }) => viewVersionId,
);
export const materializationOfVersion = defineLoader(
  (ctx, versionIds) => ctx.services.materialization.find(versionIds),
  ({ featureViewVersionId }) => featureViewVersionId,
);
