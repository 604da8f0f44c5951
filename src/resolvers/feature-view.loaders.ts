import { defineListLoader, defineLoader } from '../schema/define-loader';
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
export const materializationRunsOfJob = defineListLoader(
  (ctx, jobIds) => ctx.services.materialization.findRuns(jobIds),
  ({ jobId }) => jobId,
);

const subjectOf = (viewId: string) => `FeatureView:${viewId}`;
/** By the view's id. */
export const materializationScheduleOfView = defineLoader(
  (ctx, viewIds) => ctx.services.schedules.find('MATERIALIZATION', viewIds.map(subjectOf)),
  ({ subject }) => subject.slice(subjectOf('').length),
);
export const qualityScheduleOfView = defineLoader(
  (ctx, viewIds) => ctx.services.schedules.find('FEATURE_QUALITY', viewIds.map(subjectOf)),
  ({ subject }) => subject.slice(subjectOf('').length),
);
