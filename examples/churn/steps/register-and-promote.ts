import { MODEL_VERSION, REGISTER_MODEL_VERSION, TRANSITION, type Stage, type Submission } from '../operations/models';
import type { StepReport } from '../progress';
import { failedChecks } from '../summary';
import type { StepContext } from './step-context';
import type { TrainedModel } from './train';

export interface GateAnswer {
  readonly submission: Submission;
  /** Null when the gate rejected the submission. */
  readonly version: number | null;
}

/** Offers a trained model to the quality gate. A rejection is an answer, not an error. */
export async function submitToGate(
  { client, story }: StepContext,
  trained: TrainedModel,
  report: StepReport,
): Promise<GateAnswer> {
  const { submission, modelVersion } = await client.mutate(REGISTER_MODEL_VERSION, {
    input: { model: story.names.model, trainingRunId: trained.trainingRunId, description: story.title },
  });
  report.result(
    modelVersion
      ? `${submission.checks.length} checks passed: version ${modelVersion.version}`
      : `rejected: ${failedChecks(submission)}`,
  );
  return { submission, version: modelVersion?.version ?? null };
}

const WAY: readonly Stage[] = ['NONE', 'STAGING', 'PRODUCTION'];

/** Brings a version to PRODUCTION through STAGING, from wherever on that way an earlier run has left it. */
export async function promote({ client, story }: StepContext, version: number, report: StepReport): Promise<void> {
  const model = story.names.model;
  const { modelVersion } = await client.query(MODEL_VERSION, { model, version });
  let stage = modelVersion?.stage ?? 'NONE';
  const way: Stage[] = [stage];
  for (const toStage of WAY.slice(WAY.indexOf(stage) + 1)) {
    await client.mutate(TRANSITION, {
      input: {
        model,
        version,
        expectedStage: stage,
        toStage,
        reason: toStage === 'STAGING' ? 'Passed the quality gate.' : 'Goes into service.',
      },
    });
    stage = toStage;
    way.push(stage);
  }
  report.result(`version ${version}: ${way.join(' → ')}`);
}
