import { CREATE_DATASET, DATASET, type DatasetFacts } from '../operations/features';
import { START_TRAINING, TRAINING_RUN, type TrainingRunFacts } from '../operations/models';
import type { StepReport } from '../progress';
import type { DatasetPlan } from '../story';
import { followJob, startJob, type StepContext } from './step-context';

/** Joins features to labels as they were known at the time of each label, and splits the rows. */
export async function buildDataset(
  { client, story, runKey }: StepContext,
  plan: DatasetPlan,
  report: StepReport,
): Promise<DatasetFacts> {
  const { from, to, strategy, heldOutFraction } = plan;
  const started = await startJob(`${runKey}:dataset`, (idempotencyKey) =>
    client.mutate(CREATE_DATASET, {
      input: {
        name: `${story.names.model}_training`,
        featureService: story.names.featureService,
        labels: { view: story.labelView.name, field: story.labelField, from, to },
        split: { strategy, heldOutFraction },
        idempotencyKey,
      },
    }),
  );
  await followJob(client, started.job, report);
  const { dataset } = await client.query(DATASET, { id: started.dataset.id });
  if (!dataset) throw new Error(`the server no longer knows the dataset ${started.dataset.id}`);
  const { rowCount, heldOutRowCount } = dataset;
  const split = strategy === 'TIME' ? 'the latest ones' : 'stratified';
  report.result(
    `${rowCount.toLocaleString('en')} rows, of which ${heldOutRowCount.toLocaleString('en')} are held out (${split})`,
  );
  return dataset;
}

export interface TrainedModel extends TrainingRunFacts {
  readonly trainingRunId: string;
}

/** Trains gradient boosting, with logistic regression beside it as the baseline. */
export async function train(
  { client, story, runKey }: StepContext,
  dataset: DatasetFacts,
  report: StepReport,
): Promise<TrainedModel> {
  const started = await startJob(`${runKey}:train`, (idempotencyKey) =>
    client.mutate(START_TRAINING, {
      input: {
        model: story.names.model,
        datasetId: dataset.id,
        algorithm: 'GRADIENT_BOOSTING',
        parameters: story.trainingParameters,
        idempotencyKey,
      },
    }),
  );
  await followJob(client, started.job, report);
  const { trainingRun } = await client.query(TRAINING_RUN, { id: started.trainingRun.id });
  if (!trainingRun) throw new Error(`the server no longer knows the training run ${started.trainingRun.id}`);
  const auc = (metrics: TrainingRunFacts['metrics']): string =>
    metrics.find(({ name }) => name === 'auc')?.value.toFixed(4) ?? 'unknown';
  report.result(`AUC ${auc(trainingRun.metrics)} held out; logistic regression ${auc(trainingRun.baselineMetrics)}`);
  return { ...trainingRun, trainingRunId: started.trainingRun.id };
}
