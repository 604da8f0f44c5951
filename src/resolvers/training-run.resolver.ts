import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  Float,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type * as rows from '../entities';
import { NotFound } from '../errors';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { Dataset } from '../schema/dataset';
import { fromGlobalId } from '../schema/global-id';
import { Job, JobError, jobSubject, TrainingJob } from '../schema/job';
import { Model } from '../schema/model';
import { Metric, ModelSubmission } from '../schema/model-submission';
import { ModelVersion, Param } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import {
  FeatureImportance,
  StartTrainingInput,
  StartTrainingPayload,
  TrainingRun,
  TrainingRunConnection,
} from '../schema/training-run';
import { HELD_OUT } from '../services/registry';
import { datasetById } from './dataset.loaders';
import { jobById } from './job.loaders';
import { modelById } from './registry.loaders';
import { newestSubmissionOfRun, trainingRunById, versionOfRun } from './training.loaders';

const RUN_ID = { description: 'Its id.' };

@Resolver(() => TrainingRun)
export class TrainingRunResolver {
  @Query(() => TrainingRun, nullable('A training run by its id; null when there is none.'))
  trainingRun(@Arg('id', () => ID, RUN_ID) id: string, @Ctx() ctx: Context) {
    return trainingRunById(ctx).load(fromGlobalId(id, 'TrainingRun'));
  }

  @Query(() => TrainingRunConnection, { description: 'The training runs of a model, newest first.' })
  async trainingRuns(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await ctx.services.training.list(await ctx.services.models.idOf(model), args));
  }

  @Mutation(() => StartTrainingPayload, {
    description: 'Trains a model on a dataset, in a thread of its own. One run per model at a time.',
  })
  startTraining(
    @Arg('input', () => StartTrainingInput, { description: 'The training.' }) input: StartTrainingInput,
    @Ctx() ctx: Context,
  ) {
    const given = Object.entries(input.parameters ?? {}).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    );
    const datasetId = fromGlobalId(input.datasetId, 'Dataset', 'input.datasetId');
    return ctx.services.training.start(
      { ...input, datasetId, parameters: Object.fromEntries(given) },
      'MANUAL',
      ctx.actor,
    );
  }

  @Subscription(() => TrainingRun, {
    description: 'A training run as it goes: at once, then at most once a second, and a last time when it has ended.',
    subscribe: async ({ args, context }: { args: { id: string }; context: Context }) => {
      const run = await trainingRunById(context).load(fromGlobalId(args.id, 'TrainingRun'));
      if (!run) throw new NotFound('training run', args.id, '', ['id']);
      return context.services.jobs.watch(run.jobId);
    },
  })
  trainingRunProgressed(@Arg('id', () => ID, RUN_ID) _id: string, @Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return trainingRunById(ctx).load(jobSubject(job));
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() run: rows.TrainingRun, @Ctx() ctx: Context) {
    return modelById(ctx).load(run.modelId);
  }

  @FieldResolver(() => Dataset, { description: 'What it learns from.' })
  dataset(@Root() run: rows.TrainingRun, @Ctx() ctx: Context) {
    return datasetById(ctx).load(run.datasetId);
  }

  @FieldResolver(() => Job, { description: 'The job that carries it out; its progress is there.' })
  job(@Root() run: rows.TrainingRun, @Ctx() ctx: Context) {
    return jobById(ctx).load(run.jobId);
  }

  @FieldResolver(() => [Param], { description: 'With which parameters; defaults are filled in when it has succeeded.' })
  parameters(@Root() run: rows.TrainingRun): Param[] {
    return Object.entries(run.result?.parameters ?? run.parameters).map(([name, value]) => ({
      name,
      value: String(value),
    }));
  }

  @FieldResolver(() => [Metric], { description: 'Figures on held-out rows; empty until it has succeeded.' })
  metrics(@Root() run: rows.TrainingRun): Metric[] {
    return toMetrics(run.result?.metrics);
  }

  @FieldResolver(() => [Metric], {
    description: 'The same for logistic regression learned from the same rows: what the model has to beat.',
  })
  baselineMetrics(@Root() run: rows.TrainingRun): Metric[] {
    return toMetrics(run.result?.baselineMetrics);
  }

  @FieldResolver(() => [FeatureImportance], { description: 'The most important feature first.' })
  featureImportance(@Root() run: rows.TrainingRun): FeatureImportance[] {
    return run.result?.featureImportance ?? [];
  }

  @FieldResolver(
    () => Float,
    nullable('Greatest difference between the exported ONNX model and the trainer; at most 1e-6.'),
  )
  parityMaxError(@Root() run: rows.TrainingRun): number | null {
    return run.result?.parityMaxError ?? null;
  }

  @FieldResolver(() => Int, nullable('Rows that it learned from.'))
  trainingRowCount(@Root() run: rows.TrainingRun): number | null {
    return run.result?.trainingRowCount ?? null;
  }

  @FieldResolver(() => Int, nullable('Rows that it was judged on.'))
  heldOutRowCount(@Root() run: rows.TrainingRun): number | null {
    return run.result?.heldOutRowCount ?? null;
  }

  @FieldResolver(() => JobError, nullable('Why it failed.'))
  error(@Root() run: rows.TrainingRun): JobError | null {
    return run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? '', problems: [] };
  }

  @FieldResolver(() => ModelSubmission, nullable('Its newest submission to the quality gate.'))
  submission(@Root() run: rows.TrainingRun, @Ctx() ctx: Context) {
    return newestSubmissionOfRun(ctx).load(run.id);
  }

  @FieldResolver(() => ModelVersion, nullable('The version that it became.'))
  modelVersion(@Root() run: rows.TrainingRun, @Ctx() ctx: Context) {
    return versionOfRun(ctx).load(run.id);
  }
}

@Resolver(() => TrainingJob)
export class TrainingJobResolver {
  @FieldResolver(() => TrainingRun, nullable('The run that it carries out.'))
  trainingRun(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return trainingRunById(ctx).load(jobSubject(job));
  }
}

const toMetrics = (metrics: Record<string, number> = {}): Metric[] =>
  Object.entries(metrics).map(([name, value]) => ({ name, split: HELD_OUT, value }));
