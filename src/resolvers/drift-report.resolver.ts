import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { Alert } from '../schema/alert';
import { ConceptDrift } from '../schema/concept-drift';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { DatasetDrift, FeatureDrift, InputQualityVerdict, PredictionDrift } from '../schema/drift-findings';
import { DriftReport, DriftReportConnection, RunDriftReportInput, RunDriftReportPayload } from '../schema/drift-report';
import { fromGlobalId } from '../schema/global-id';
import { DriftReportJob, Job, jobSubject } from '../schema/job';
import { Model } from '../schema/model';
import { Metric } from '../schema/model-submission';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import { jobById } from './job.loaders';
import { alertById, driftReportById } from './monitoring.loaders';
import { modelById, modelVersionById } from './registry.loaders';

@Resolver(() => DriftReport)
export class DriftReportResolver {
  @Query(() => DriftReport, nullable('A drift report by its id; null when there is none.'))
  driftReport(@Arg('id', () => ID, { description: 'Its id.' }) id: string, @Ctx() ctx: Context) {
    return driftReportById(ctx).load(fromGlobalId(id, 'DriftReport'));
  }

  @Query(() => DriftReportConnection, { description: 'The drift reports of a model, newest first.' })
  async driftReports(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await ctx.services.driftReports.list(await ctx.services.models.idOf(model), args));
  }

  @Mutation(() => RunDriftReportPayload, {
    description:
      'Compares the predictions of a window with the reference of their version: KL per feature, JS on predictions, KS for the concept.',
  })
  runDriftReport(
    @Arg('input', () => RunDriftReportInput, { description: 'The window.' }) input: RunDriftReportInput,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.driftReports.run(input, ctx.actor);
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() report: rows.DriftReport, @Ctx() ctx: Context) {
    return modelById(ctx).load(report.modelId);
  }

  @FieldResolver(() => ModelVersion, { description: 'The version whose predictions were looked at.' })
  modelVersion(@Root() report: rows.DriftReport, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(report.modelVersionId);
  }

  @FieldResolver(() => Job, { description: 'The job that computes it.' })
  job(@Root() report: rows.DriftReport, @Ctx() ctx: Context) {
    return jobById(ctx).load(report.jobId);
  }

  @FieldResolver(() => Int, { description: 'Held-out rows of the reference.' })
  referenceRowCount(@Root() { result }: rows.DriftReport): number {
    return result?.referenceRowCount ?? 0;
  }

  @FieldResolver(() => Int, { description: 'Predictions in the window.' })
  currentRowCount(@Root() { result }: rows.DriftReport): number {
    return result?.currentRowCount ?? 0;
  }

  @FieldResolver(() => Int, { description: 'Predictions in the window whose outcome is known.' })
  labelledRowCount(@Root() { result }: rows.DriftReport): number {
    return result?.labelledRowCount ?? 0;
  }

  @FieldResolver(() => Int, { description: 'Features with the verdict DRIFT.' })
  driftedFeatureCount(@Root() { result }: rows.DriftReport): number {
    return result?.features.filter(({ verdict }) => verdict === 'DRIFT').length ?? 0;
  }

  @FieldResolver(() => DatasetDrift, nullable('Data drift of the features together; null until it is READY.'))
  dataset(@Root() { result }: rows.DriftReport) {
    return result?.dataset ?? null;
  }

  @FieldResolver(
    () => InputQualityVerdict,
    nullable('Whether the inputs are worse than those of the reference; null until it is READY.'),
  )
  inputQuality(@Root() { result }: rows.DriftReport) {
    return result?.inputQuality ?? null;
  }

  @FieldResolver(() => [FeatureDrift], {
    description: 'Data drift, feature by feature, the largest contribution first; empty until it is READY.',
  })
  features(@Root() { result }: rows.DriftReport) {
    return result?.features ?? [];
  }

  @FieldResolver(() => PredictionDrift, nullable('Drift of the predictions; null until it is READY.'))
  prediction(@Root() { result }: rows.DriftReport) {
    return result?.prediction ?? null;
  }

  @FieldResolver(() => ConceptDrift, nullable('Drift of the concept; null until it is READY.'))
  concept(@Root() { result }: rows.DriftReport) {
    return result?.concept ?? null;
  }

  @FieldResolver(() => [Metric], {
    description: 'Metrics of the predictions whose outcome is known; empty when there are too few.',
  })
  performance(@Root() { result }: rows.DriftReport): Metric[] {
    return Object.entries(result?.performance ?? {}).map(([name, value]) => ({ name, split: 'window', value }));
  }

  @FieldResolver(() => Alert, nullable('The alert that it raised or repeated.'))
  alert(@Root() { result }: rows.DriftReport, @Ctx() ctx: Context) {
    return result?.alertId ? alertById(ctx).load(result.alertId) : null;
  }
}

@Resolver(() => DriftReportJob)
export class DriftReportJobResolver {
  @FieldResolver(() => DriftReport, nullable('The report that it computes.'))
  driftReport(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return driftReportById(ctx).load(jobSubject(job));
  }
}
