import { MATERIALIZE, RUN_FEATURE_QUALITY } from '../operations/features';
import type { StepReport } from '../progress';
import { followJob, startJob, type StepContext } from './step-context';

/** Checks every view by its rules. @throws Error for a rule that blocks */
export async function checkQuality({ client, story }: StepContext, report: StepReport): Promise<void> {
  let ruleCount = 0;
  const warnings: string[] = [];
  for (const { name } of [...story.featureViews, story.labelView]) {
    const { report: quality } = await client.mutate(RUN_FEATURE_QUALITY, { input: { view: name } });
    const failures = quality.results.filter(({ passed }) => !passed).map(({ message }) => `${name}: ${message}`);
    if (quality.blocked) throw new Error(`the data does not pass. ${failures.join(' ')}`);
    ruleCount += quality.results.length;
    warnings.push(...failures);
  }
  report.result(`${ruleCount} rules${warnings.length === 0 ? ', all passed' : `; warned: ${warnings.join(' ')}`}`);
}

/** Copies the newest values to the online store, from which predictions by id are answered. */
export async function materialize(
  { client, story, runKey }: StepContext,
  part: string,
  report: StepReport,
): Promise<void> {
  const views = story.featureViews.map(({ name }) => name);
  const { job } = await startJob(`${runKey}:materialize:${part}`, (idempotencyKey) =>
    client.mutate(MATERIALIZE, { input: { views, idempotencyKey } }),
  );
  await followJob(client, job, report);
  report.result(`${views.length} views in the online store`);
}
