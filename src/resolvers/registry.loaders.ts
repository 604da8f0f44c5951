import { defineListLoader, defineLoader, definePageLoader } from '../schema/define-loader';
import { defineNodeLoader } from '../schema/node';

/** Deleted ones too, for rows that refer to them. */
export const modelById = defineLoader(
  (ctx, ids) => ctx.services.registry.models(ids),
  (model) => model.id,
);
export const modelVersionById = defineLoader(
  (ctx, ids) => ctx.services.registry.versions(ids),
  (version) => version.id,
);
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
export const modelExperimentById = defineNodeLoader('ModelExperiment', (ctx, ids) =>
  ctx.services.registry.experiments(ids),
);
export const artifactByDigest = defineLoader(
  (ctx, digests) => ctx.services.registry.artifacts(digests),
  (artifact) => artifact.digest,
);

export const aliasesOfVersion = defineListLoader(
  (ctx, versionIds) => ctx.services.registry.aliasesOfVersions(versionIds),
  (alias) => alias.modelVersionId,
);
export const aliasesOfModel = defineListLoader(
  (ctx, modelIds) => ctx.services.registry.aliasesOfModels(modelIds),
  (alias) => alias.modelId,
);

export const votesOfRequest = defineListLoader(
  (ctx, requestIds) => ctx.services.registry.votesOfRequests(requestIds),
  (vote) => vote.requestId,
);

/** For node(id) alone. */
defineNodeLoader('TransitionRequest', (ctx, ids) => ctx.services.registry.transitionRequests(ids));
defineNodeLoader('Model', (ctx, ids) => ctx.services.registry.liveModels(ids));
defineNodeLoader('ModelVersion', (ctx, ids) => ctx.services.registry.liveVersions(ids));

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
