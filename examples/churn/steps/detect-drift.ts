import {
  DRIFT_REPORT,
  RUN_DRIFT_REPORT,
  TRIGGER_EVALUATIONS,
  type DriftReportFacts,
  type TriggerEvaluationFacts,
} from '../operations/monitoring';
import type { StepReport } from '../progress';
import type { CohortPredictions } from './predict';
import { followJob, type StepContext } from './step-context';

const TRIGGER_TIMEOUT_MS = 60_000;
const POLL_MS = 200;

/** Compares the window of the cohort's predictions with what the version in production was trained on. */
export async function reportDrift(
  { client, story }: StepContext,
  { from, to }: CohortPredictions,
  report: StepReport,
): Promise<DriftReportFacts> {
  const started = await client.mutate(RUN_DRIFT_REPORT, { input: { model: story.names.model, from, to } });
  await followJob(client, started.job, report);
  const { driftReport } = await client.query(DRIFT_REPORT, { id: started.driftReport.id });
  if (!driftReport) throw new Error(`the server no longer knows the drift report ${started.driftReport.id}`);
  const drifted = driftReport.features.filter(({ verdict }) => verdict === 'DRIFT').length;
  report.result(
    `${driftReport.verdict ?? 'no verdict'}: ${drifted} of ${driftReport.features.length} features, ` +
      `predictions ${driftReport.prediction?.verdict ?? 'not compared'}, concept ${driftReport.concept?.verdict ?? 'not compared'}`,
  );
  return driftReport;
}

/** Follows what the drift trigger makes of a report: a retraining run, its comparison with production, and a promotion perhaps. */
export async function followRetraining(
  context: StepContext,
  driftReportId: string,
  report: StepReport,
): Promise<TriggerEvaluationFacts> {
  const found = await evaluationOf(context, driftReportId);
  if (found.job) await followJob(context.client, found.job, report);
  // The outcome is written by the job.
  const evaluation = await evaluationOf(context, driftReportId);
  const { decision, reason, outcome } = evaluation;
  if (!outcome) report.result(`${decision}: ${reason}`);
  else
    report.result(
      `version ${outcome.modelVersion?.version ?? '(rejected)'} ${outcome.promoted ? 'promoted' : 'not promoted'}. ${outcome.reason}`,
    );
  return evaluation;
}

async function evaluationOf({ client, story }: StepContext, driftReportId: string): Promise<TriggerEvaluationFacts> {
  const deadline = Date.now() + TRIGGER_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const { triggerEvaluations } = await client.query(TRIGGER_EVALUATIONS, { model: story.names.model });
    const evaluation = triggerEvaluations.nodes.find(({ driftReport }) => driftReport?.id === driftReportId);
    if (evaluation) return evaluation;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the drift trigger has not looked at the report within ${TRIGGER_TIMEOUT_MS / 1_000} s`);
}
