import { readChurnTable } from './csv/churn-table';
import { csvStory } from './csv/csv-story';
import { GraphqlClient } from './graphql-client';
import { REGISTRY } from './operations/models';
import type { ChurnOptions } from './options';
import { populationStory } from './population-story';
import { Progress, type StepReport } from './progress';
import { AlertListener } from './steps/alert-listener';
import { defineFeatures, defineModel } from './steps/define';
import { followRetraining, reportDrift } from './steps/detect-drift';
import { Ingestion } from './steps/ingestion';
import { predictCohort, predictGiven, recordOutcomes } from './steps/predict';
import { checkQuality, materialize } from './steps/prepare-features';
import { promote, submitToGate } from './steps/register-and-promote';
import { sourceKey, type StepContext } from './steps/step-context';
import { buildDataset, train } from './steps/train';
import type { Story } from './story';
import { failedChecks, heldOutMetrics, type ChurnSummary } from './summary';

const ALERT_TIMEOUT_MS = 30_000;

/** Tells the story to the server at an address, as the holder of a token if it needs one. */
export type TellChurn = (url: string, token: string | null) => Promise<ChurnSummary>;

/**
 * Reads the data and hands over the telling of its story to a running server, through its API alone: features, training, gate, promotion,
 * predictions, drift, alert, retraining. A CSV file is read and checked here, whole, so that for a wrong one no
 * server is started and nothing is half loaded; a population is generated only when it is needed.
 * Both parts throw StepFailed, which names the step; its cause is a CsvProblem, an ApiError, or whatever else went wrong.
 */
export async function prepareChurn(options: ChurnOptions): Promise<TellChurn> {
  const progress = new Progress(options.progress);
  const { csv } = options;
  const table =
    csv === null ? null : await progress.step('read', 'Read the table', (report) => readTable(csv, options, report));
  return async (url, token) => {
    const story =
      table ??
      (await progress.step('generate', 'Generate subscribers', (report) => {
        const generated = populationStory(options);
        report.result(generated.title);
        return Promise.resolve(generated);
      }));
    story.notes.forEach((note) => progress.note(note));
    const client = new GraphqlClient(url, token);
    try {
      return await tell(story, client, progress);
    } finally {
      await client.close();
    }
  };
}

async function readTable(file: string, options: ChurnOptions, report: StepReport): Promise<Story> {
  const { positive, negative } = options;
  const labelWords = positive !== null && negative !== null ? { positive, negative } : null;
  const story = csvStory(await readChurnTable(file, { ...options, labelWords }), options);
  report.result(story.title);
  return story;
}

async function tell(story: Story, client: GraphqlClient, progress: Progress): Promise<ChurnSummary> {
  await progress.step('define', '1 Define entity, views, service', (report) => defineFeatures(client, story, report));
  const production = await progress.step('define', '1 Define the model', (report) =>
    defineModel(client, story, report),
  );
  const context: StepContext = { client, story, runKey: `${sourceKey(story)}:after-${production}` };
  const listener = new AlertListener(client, story.names.model);
  try {
    const ingestion = await Ingestion.begin(client, story);
    const { past, laterWindow, laterOutcomes } = story.approximateRows;
    await progress.step('ingest', '1 Ingest the past', (report) => ingestion.send(story.past(), past, report));
    const isSecondRun = ingestion.isAhead;
    const windowArrives = (): Promise<void> =>
      progress.step('ingest', '5 Ingest the later window', (report) =>
        ingestion.send(story.laterWindow(), laterWindow, report),
      );
    const outcomesArrive = (): Promise<void> =>
      progress.step('ingest', '5 Ingest its labels', (report) =>
        ingestion.send(story.laterOutcomes(), laterOutcomes, report),
      );
    if (isSecondRun) {
      progress.note('An earlier run has loaded the later window already: this one goes on with all there is.');
      await windowArrives();
      await outcomesArrive();
    }

    await progress.step('quality', '1 Check data quality', (report) => checkQuality(context, report));
    await progress.step('materialize', '1 Materialize', (report) => materialize(context, 'past', report));
    const plan = isSecondRun ? story.latestDataset : story.dataset;
    const dataset = await progress.step('dataset', '2 Build the dataset', (report) =>
      buildDataset(context, plan, report),
    );
    const trained = await progress.step('train', '3 Train', (report) => train(context, dataset, report));
    const gate = await progress.step('gate', '4 Quality gate', async (report) => {
      const answer = await submitToGate(context, trained, report);
      if (answer.version === null && production === 0)
        throw new Error(`the first model was rejected. ${failedChecks(answer.submission)}`);
      return answer;
    });
    const { version } = gate;
    if (version !== null) await progress.step('promote', '4 Promote', (report) => promote(context, version, report));

    if (!isSecondRun) {
      await windowArrives();
      await progress.step('materialize', '5 Materialize', (report) => materialize(context, 'later', report));
    }
    const cohort = await progress.step('predict', '5 Predict by id', (report) => predictCohort(context, report));
    const given = await progress.step('predict', '5 Predict from given features', (report) =>
      predictGiven(context, report),
    );
    const outcomeRatio = await progress.step('outcomes', '5 Record outcomes', (report) =>
      recordOutcomes(context, cohort, report),
    );
    if (!isSecondRun) await outcomesArrive();

    const drift = await progress.step('drift', '6 Drift report', (report) => reportDrift(context, cohort, report));
    if (drift.alert) {
      await progress.step('alert', '6 Alert', async (report) => {
        const { title, severity } = await listener.waitFor(drift.id, ALERT_TIMEOUT_MS);
        report.result(`${severity}: ${title}`);
      });
    }
    const retraining = drift.alert
      ? await progress.step('retrain', '7 Retrain on drift', (report) => followRetraining(context, drift.id, report))
      : null;

    return {
      source: story.title,
      notes: story.notes,
      model: story.names.model,
      ...heldOutMetrics(trained.metrics),
      baseline: heldOutMetrics(trained.baselineMetrics),
      dataset,
      featureImportance: trained.featureImportance,
      parityMaxError: trained.parityMaxError,
      gate: gate.submission,
      ...(await registryOf(client, story.names.model)),
      predictions: { byId: cohort.predictions.length, meanProbability: cohort.meanProbability, outcomeRatio, given },
      drift,
      alerts: listener.received,
      retraining,
      seconds: progress.secondsPerStep,
      totalSeconds: progress.totalSeconds,
    };
  } finally {
    await listener.stop();
  }
}

async function registryOf(
  client: GraphqlClient,
  model: string,
): Promise<Pick<ChurnSummary, 'versions' | 'stages' | 'transitions' | 'auditTrailValid'>> {
  const { modelVersions, modelTransitions, verifyAuditTrail } = await client.query(REGISTRY, { model });
  const versions = modelVersions.nodes.map(({ version, stage, metrics }) => ({
    version,
    stage,
    ...heldOutMetrics(metrics),
  }));
  versions.sort((a, b) => a.version - b.version);
  return {
    versions,
    stages: Object.fromEntries(versions.map(({ version, stage }) => [version, stage])),
    // The API answers the newest first. A promotion and the archiving that comes with it have one time: the promoted version, the newer, goes first.
    transitions: modelTransitions.nodes
      .toReversed()
      .sort(
        (a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt) || b.modelVersion.version - a.modelVersion.version,
      )
      .map(({ modelVersion, fromStage, toStage, actor, reason, createdAt }) => ({
        version: modelVersion.version,
        from: fromStage,
        to: toStage,
        actor,
        reason,
        at: createdAt,
      })),
    auditTrailValid: verifyAuditTrail.valid,
  };
}
