import { APPLY_ENTITY, APPLY_FEATURE_SERVICE, APPLY_FEATURE_VIEW, FEATURE_VIEW } from '../operations/features';
import { CREATE_MODEL, MODEL, SET_RETRAINING_POLICY } from '../operations/models';
import { SET_MONITORING_POLICY } from '../operations/monitoring';
import type { GraphqlClient } from '../graphql-client';
import type { StepReport } from '../progress';
import type { Story } from '../story';

/** Defines the entity, the feature views and the feature service. Doing it again changes nothing. @throws Error when the views hold other data */
export async function defineFeatures(client: GraphqlClient, story: Story, report: StepReport): Promise<void> {
  const { names } = story;
  const views = [...story.featureViews, story.labelView];
  for (const { name } of views) await refuseOtherData(client, name, story.source);
  await client.mutate(APPLY_ENTITY, {
    input: {
      name: names.entity,
      joinKeys: [{ name: names.joinKey, dtype: 'STRING' }],
      description: 'A subscriber of a telecom operator.',
    },
  });
  for (const view of views) {
    const { name, fields, description, qualityRules } = view;
    const input = { name, entity: names.entity, fields, description, qualityRules, tags: { source: story.source } };
    await client.mutate(APPLY_FEATURE_VIEW, { input });
  }
  const { featureService } = await client.mutate(APPLY_FEATURE_SERVICE, {
    input: {
      name: names.featureService,
      features: story.featureViews.map(({ name }) => ({ view: name })),
      description: 'What the churn model sees.',
    },
  });
  report.result(`${views.length} views, ${featureService.features.length} features`);
}

/** Rows of two sources in one view would make a dataset of neither. */
async function refuseOtherData(client: GraphqlClient, view: string, source: string): Promise<void> {
  const { featureView } = await client.query(FEATURE_VIEW, { name: view });
  if (!featureView || featureView.rowCount === 0 || featureView.tags.source === source) return;
  throw new Error(
    `the feature view ${view} holds other rows (${featureView.tags.source ?? 'not from this example'}) than these (${source}). ` +
      'Choose other names with --name, or use a server with an empty data directory.',
  );
}

/** A policy looks back from the day on which it fires, so a fixed moment lies further back every day; the hour is for the run to come. */
function lookbackSeconds(since: string | null): number | null {
  return since === null ? null : Math.round((Date.now() - Date.parse(since)) / 1_000) + 3_600;
}

/** Creates the model with its quality gate, and lets drift retrain it. Answers the version in production, 0 for none. */
export async function defineModel(client: GraphqlClient, story: Story, report: StepReport): Promise<number> {
  const name = story.names.model;
  const { model, retrainingPolicy } = await client.query(MODEL, { name });
  if (!model) {
    await client.mutate(CREATE_MODEL, {
      input: {
        name,
        description: `Who will leave? Learned from ${story.title}.`,
        qualityPolicy: {
          minimumEvaluationRows: 100,
          rules: [
            { metric: 'auc', comparison: 'AT_LEAST', threshold: story.minimumAuc, maxRegression: 0.02 },
            { metric: 'logLoss', comparison: 'AT_MOST', maxRegression: 0.02 },
          ],
        },
      },
    });
    // At the default level of .05 one run of the story in twenty would find a drift that nobody planted. At this one the smallest window, of 705
    // predictions, can tell a distance of .12 from chance, and not yet the default of .1. What was planted is beyond both.
    await client.mutate(SET_MONITORING_POLICY, { input: { model: name, alpha: 0.001, jsThreshold: 0.12 } });
  }
  await client.mutate(SET_RETRAINING_POLICY, {
    input: {
      model: name,
      onDrift: true,
      // A cooldown keeps a noisy alarm from training all night; this story is over in a minute.
      cooldownSeconds: 0,
      lookbackSeconds: lookbackSeconds(story.retrainSince),
      promotion: { automatic: true, metric: 'logLoss', minimumImprovement: 0, minimumHeldOutRows: 100 },
      revision: retrainingPolicy?.revision ?? null,
    },
  });
  const production = model?.production?.version ?? 0;
  report.result(`${name}${production === 0 ? '' : `, version ${production} is in production`}`);
  return production;
}
