import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import { fromGlobalId } from '../schema/global-id';
import { ExperimentImportJob, jobSubject } from '../schema/job';
import {
  ExperimentMetric,
  ImportExperimentInput,
  ImportExperimentPayload,
  LinkExperimentInput,
  LinkExperimentPayload,
  ModelExperiment,
} from '../schema/model-experiment';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import { DateTime } from '../schema/scalars';
import { modelExperimentById, modelVersionById } from './registry.loaders';

@Resolver(() => ModelExperiment)
export class ModelExperimentResolver {
  @Mutation(() => LinkExperimentPayload, {
    description:
      'Notes the MLflow run that a version came from, and has its metrics, params and tags imported. It does not wait for MLflow.',
  })
  async linkExperiment(
    @Arg('input', () => LinkExperimentInput, { description: 'Version and run.' }) input: LinkExperimentInput,
    @Ctx() ctx: Context,
  ) {
    return { experiment: await ctx.services.experiments.link(input, ctx.actor) };
  }

  @Mutation(() => ImportExperimentPayload, {
    description:
      'Imports a linked run anew, whatever became of earlier imports. What stands there stays until it has succeeded.',
  })
  importExperiment(
    @Arg('input', () => ImportExperimentInput, { description: 'The link.' }) input: ImportExperimentInput,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.experiments.importAnew(fromGlobalId(input.id, 'ModelExperiment', 'input.id'), ctx.actor);
  }

  @FieldResolver(() => ModelVersion, { description: 'The version that came from the run.' })
  modelVersion(@Root() experiment: rows.ModelExperiment, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(experiment.modelVersionId);
  }
}

@Resolver(() => ExperimentMetric)
export class ExperimentMetricResolver {
  @FieldResolver(() => DateTime, nullable('When it was logged; null where MLflow does not say.'))
  recordedAt(@Root() { recordedAtMs }: rows.ImportedMetric): Date | null {
    return recordedAtMs === null ? null : new Date(recordedAtMs);
  }
}

@Resolver(() => ExperimentImportJob)
export class ExperimentImportJobResolver {
  @FieldResolver(() => ModelExperiment, nullable('The link whose run it imports.'))
  experiment(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return modelExperimentById(ctx).load(jobSubject(job));
  }
}
