import { defineLoader } from '../schema/define-loader';
import { defineNodeLoader } from '../schema/node';

export const trainingRunById = defineNodeLoader('TrainingRun', (ctx, ids) => ctx.services.training.find(ids));
export const triggerEvaluationById = defineNodeLoader('TriggerEvaluation', (ctx, ids) =>
  ctx.services.triggers.find(ids),
);

export const newestSubmissionOfRun = defineLoader(
  (ctx, runIds) => ctx.services.registry.newestSubmissionsOfTrainingRuns(runIds),
  (submission) => submission.trainingRunId ?? '',
);
export const versionOfRun = defineLoader(
  (ctx, runIds) => ctx.services.registry.versionsOfTrainingRuns(runIds),
  (version) => version.trainingRunId ?? '',
);
