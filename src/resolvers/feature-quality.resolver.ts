import { Arg, Args, Ctx, FieldResolver, Float, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type * as rows from '../entities';
import { ColumnStatistics } from '../schema/column-statistics';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import {
  FeatureQualityFailedEvent,
  FeatureQualityReport,
  FeatureQualityReportConnection,
  FeatureQualityResult,
  RunFeatureQualityInput,
  RunFeatureQualityPayload,
} from '../schema/feature-quality';
import { FeatureQualityJob } from '../schema/job';
import { FeatureQualityRule, FeatureView } from '../schema/feature-view';
import { toGlobalId } from '../schema/global-id';
import { nullable } from '../schema/nullable';
import type { MooringEvent } from '../services/events';
import { featureQualityReportById, featureStatisticsOf } from './feature-quality.loaders';
import { featureViewOfVersion } from './feature-view.loaders';

const VIEW_NAME = { description: 'Name of the view.' };

@Resolver(() => FeatureQualityRule)
export class FeatureQualityRuleResolver {
  @FieldResolver(() => ID, nullable('The quality report or dataset that DRIFT compares with.'))
  referenceId(@Root() { reference }: rows.FeatureQualityRule): string | null {
    return reference && toGlobalId(reference.kind, reference.id);
  }
}

@Resolver(() => FeatureQualityResult)
export class FeatureQualityResultResolver {
  @FieldResolver(() => Float, nullable('failingRowCount of checkedRowCount; null where no row was looked at.'))
  failingRatio(@Root() { checkedRowCount, failingRowCount }: rows.FeatureQualityResult): number | null {
    return failingRowCount === null || checkedRowCount === 0 ? null : failingRowCount / checkedRowCount;
  }
}

@Resolver(() => FeatureQualityJob)
export class FeatureQualityJobResolver {
  @FieldResolver(() => FeatureQualityReport, nullable('The report that it makes; null until then.'))
  report(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return featureQualityReportById(ctx).load(job.id);
  }
}

@Resolver(() => FeatureQualityReport)
export class FeatureQualityResolver {
  @Query(() => [ColumnStatistics], {
    description: 'What the fields of a view hold now, over the newest row of every entity.',
  })
  featureStatistics(@Arg('view', () => String, VIEW_NAME) view: string, @Ctx() ctx: Context) {
    return featureStatisticsOf(ctx).load(view);
  }

  @Query(() => FeatureQualityReportConnection, { description: 'The quality reports of a view, newest first.' })
  async featureQualityReports(
    @Arg('view', () => String, VIEW_NAME) view: string,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await ctx.services.featureQuality.list(view, args));
  }

  @Mutation(() => RunFeatureQualityPayload, {
    description: 'Evaluates the rules of a view over the newest row of every entity, and keeps the report.',
  })
  async runFeatureQuality(
    @Arg('input', () => RunFeatureQualityInput) input: RunFeatureQualityInput,
    @Ctx() ctx: Context,
  ) {
    return { report: await ctx.services.featureQuality.run(input.view, ctx.actor) };
  }

  @Subscription(() => FeatureQualityFailedEvent, {
    description: 'Quality reports in which a rule fails, as they are made.',
    subscribe: ({ args, context }: { args: { view?: string | null; after?: string | null }; context: Context }) =>
      context.services.events.subscribe({
        types: ['FEATURE_QUALITY_FAILED'],
        after: args.after ?? null,
        filter: (event) =>
          args.view == null || (event as MooringEvent<'FEATURE_QUALITY_FAILED'>).payload.view === args.view,
      }),
  })
  async featureQualityFailed(
    @Arg('view', () => String, nullable('Only of this view.')) _view: string | null,
    @Arg('after', () => String, nullable('Replay what came after this cursor first; null for "from now".'))
    _after: string | null,
    @Root() event: MooringEvent<'FEATURE_QUALITY_FAILED'>,
    @Ctx() ctx: Context,
  ) {
    return { cursor: event.cursor, event: await featureQualityReportById(ctx).load(event.payload.reportId) };
  }

  @FieldResolver(() => FeatureView, { description: 'The view that was judged.' })
  view(@Root() report: rows.FeatureQualityReport, @Ctx() ctx: Context) {
    return featureViewOfVersion(ctx).load(report.featureViewVersionId);
  }
}
