import { PREDICT, PREDICT_BATCH, RECORD_OUTCOMES } from '../operations/serving';
import type { StepReport } from '../progress';
import type { StepContext } from './step-context';

const BATCH_SIZE = 1_000;

export interface CohortPrediction {
  readonly id: string;
  readonly probability: number;
}

export interface CohortPredictions {
  /** In the order of the story's cohort. */
  readonly predictions: readonly CohortPrediction[];
  readonly meanProbability: number;
  /** The window in which they were made, by the server's clock: [from, to). */
  readonly from: string;
  readonly to: string;
}

/** Predicts for the story's cohort by id: the server looks the features up in the online store. */
export async function predictCohort({ client, story }: StepContext, report: StepReport): Promise<CohortPredictions> {
  const { cohort, names } = story;
  const predictions: CohortPrediction[] = [];
  const times: string[] = [];
  for (let start = 0; start < cohort.length; start += BATCH_SIZE) {
    const entities = cohort
      .slice(start, start + BATCH_SIZE)
      .map(({ subscriberId }) => ({ [names.joinKey]: subscriberId }));
    const { results } = await client.mutate(PREDICT_BATCH, { input: { model: names.model, entities } });
    for (const [i, { prediction, errors }] of results.entries()) {
      if (!prediction)
        throw new Error(
          `no prediction for ${cohort[start + i]?.subscriberId}: ${errors.map(({ message }) => message).join(' ')}`,
        );
      predictions.push({ id: prediction.id, probability: prediction.probability });
      times.push(prediction.predictedAt);
    }
    report.progress(predictions.length / cohort.length, `${predictions.length} predictions`);
  }
  const ms = times.map((time) => Date.parse(time));
  const meanProbability = predictions.reduce((sum, { probability }) => sum + probability, 0) / predictions.length;
  report.result(`${predictions.length.toLocaleString('en')} by id, mean probability ${meanProbability.toFixed(3)}`);
  return {
    predictions,
    meanProbability,
    from: new Date(Math.min(...ms)).toISOString(),
    to: new Date(Math.max(...ms) + 1).toISOString(),
  };
}

export interface GivenPrediction {
  readonly description: string;
  readonly probability: number;
}

/** Predicts from features that come with the request. */
export async function predictGiven({ client, story }: StepContext, report: StepReport): Promise<GivenPrediction[]> {
  const answers: GivenPrediction[] = [];
  for (const { description, features } of story.questions) {
    const { prediction } = await client.mutate(PREDICT, { input: { model: story.names.model, features } });
    answers.push({ description, probability: prediction.probability });
  }
  report.result(answers.map(({ probability }) => probability.toFixed(3)).join(', '));
  return answers;
}

/** Tells the server what became of the cohort. Answers the share that left. */
export async function recordOutcomes(
  { client, story }: StepContext,
  { predictions }: CohortPredictions,
  report: StepReport,
): Promise<number> {
  const outcomes = story.cohort.flatMap(({ churned, observedAt }, i) => {
    const prediction = predictions[i];
    return prediction ? [{ predictionId: prediction.id, outcome: churned, observedAt }] : [];
  });
  const { recordedCount } = await client.mutate(RECORD_OUTCOMES, { input: { outcomes } });
  const share = outcomes.filter(({ outcome }) => outcome).length / outcomes.length;
  report.result(`${recordedCount.toLocaleString('en')} outcomes, ${(100 * share).toFixed(1)} % left`);
  return share;
}
