import { defineListLoader, defineLoader, definePageLoader } from '../schema/define-loader';
import { defineNodeLoader } from '../schema/node';

export const modelById = defineNodeLoader('Model', (ctx, ids) => ctx.services.registry.models(ids));
export const modelVersionById = defineNodeLoader('ModelVersion', (ctx, ids) => ctx.services.registry.versions(ids));
export const modelSubmissionById = defineNodeLoader('ModelSubmission', (ctx, ids) =>
  ctx.services.registry.submissions(ids),
);
export const modelTransitionById = defineNodeLoader('ModelTransition', (ctx, ids) =>
  ctx.services.registry.transitions(ids),
);

export const productionVersionOf = defineLoader(
  (ctx, modelIds) => ctx.services.registry.productionVersions(modelIds),
  (version) => version.modelId,
);
export const latestVersionOf = defineLoader(
  (ctx, modelIds) => ctx.services.registry.latestVersions(modelIds),
  (version) => version.modelId,
);
export const versionOfSubmission = defineLoader(
  (ctx, submissionIds) => ctx.services.registry.versionsOfSubmissions(submissionIds),
  (version) => version.submissionId,
);
export const metricsOf = defineListLoader(
  (ctx, versionIds) => ctx.services.registry.metrics(versionIds),
  (metric) => metric.modelVersionId,
);
export const paramsOf = defineListLoader(
  (ctx, versionIds) => ctx.services.registry.params(versionIds),
  (param) => param.modelVersionId,
);
export const experimentsOf = defineListLoader(
  (ctx, versionIds) => ctx.services.registry.experimentsOfVersions(versionIds),
  (experiment) => experiment.modelVersionId,
);
export const artifactByDigest = defineLoader(
  (ctx, digests) => ctx.services.registry.artifacts(digests),
  (artifact) => artifact.digest,
);

/** For node(id) alone. */
defineNodeLoader('ModelExperiment', (ctx, ids) => ctx.services.registry.experiments(ids));

export const versionsOfModel = definePageLoader(
  (ctx, modelIds, first) => ctx.services.registry.firstVersions(modelIds, first),
  (ctx, modelId, args) => ctx.services.registry.listVersions(modelId, args),
);
export const transitionsOfModel = definePageLoader(
  (ctx, modelIds, first) => ctx.services.registry.firstTransitions('modelId', modelIds, first),
  (ctx, modelId, args) => ctx.services.registry.listTransitions({ modelId }, args),
);
export const transitionsOfVersion = definePageLoader(
  (ctx, versionIds, first) => ctx.services.registry.firstTransitions('modelVersionId', versionIds, first),
  (ctx, modelVersionId, args) => ctx.services.registry.listTransitions({ modelVersionId }, args),
);
