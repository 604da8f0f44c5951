import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { Model } from '../schema/model';
import { ModelVersion } from '../schema/model-version';
import {
  EstimatedPerformance,
  PERFORMANCE_REPORTS,
  PerformanceReport,
  PerformanceReportConnection,
  PerformanceReportsArgs,
} from '../schema/performance-report';
import type { PerformanceReport as Report } from '../services/monitoring';
import { modelById, modelVersionById } from './registry.loaders';

@Resolver(() => PerformanceReport)
export class PerformanceReportResolver {
  @Query(() => PerformanceReportConnection, { description: PERFORMANCE_REPORTS })
  async performanceReports(@Args(() => PerformanceReportsArgs) args: PerformanceReportsArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.performanceReports.list(args, ctx.signal));
  }

  @FieldResolver(() => Model, { description: 'The model.' })
  model(@Root() report: Report, @Ctx() ctx: Context) {
    return modelById(ctx).load(report.modelId);
  }

  @FieldResolver(() => ModelVersion, { description: 'The version whose predictions they are.' })
  modelVersion(@Root() report: Report, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(report.modelVersionId);
  }
}

@Resolver(() => EstimatedPerformance)
export class EstimatedPerformanceResolver {
  @FieldResolver(() => String, { description: 'What has to hold for the estimate to be right.' })
  assumption(): string {
    return ASSUMPTION;
  }
}

/** The estimate's small print: the same for every estimate, and not to be parted from it. */
const ASSUMPTION =
  'Features may have moved, but what they mean for the outcome, P(Y|X), is what it was on the held-out reference, and the calibration fitted there holds ' +
  'where traffic has moved to. A change of the concept does not show in an estimate: when outcomes have come, trust those.';
