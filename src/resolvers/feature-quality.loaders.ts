import { defineComputation } from '../schema/define-loader';
import { defineNodeLoader } from '../schema/node';

export const featureQualityReportById = defineNodeLoader('FeatureQualityReport', (ctx, ids) =>
  ctx.services.featureQuality.find(ids),
);

/** By the view's name: aliases of one view share one reading of its rows. */
export const featureStatisticsOf = defineComputation((ctx, view) =>
  ctx.services.featureQuality.statistics(view, { signal: ctx.signal }),
);
