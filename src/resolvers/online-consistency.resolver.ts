import { Args, Ctx, FieldResolver, Float, Query, Resolver, Root } from 'type-graphql';
import { ONLINE_OUTCOMES } from '../entities';
import type { Context } from '../schema/context';
import { FeatureView } from '../schema/feature-view';
import { nullable } from '../schema/nullable';
import { OnlineConsistency, OnlineConsistencyArgs, OnlineOutcomeCount } from '../schema/online-consistency';
import type { ConsistencyReport } from '../services/features';
import { featureViewOfVersion } from './feature-view.loaders';

@Resolver(() => OnlineConsistency)
export class OnlineConsistencyResolver {
  @Query(() => OnlineConsistency, {
    description:
      'Compares the online store with the offline one, entity by entity: what it has with the newest due row, as far as the last materialization covers it.',
  })
  onlineConsistency(@Args(() => OnlineConsistencyArgs) args: OnlineConsistencyArgs, @Ctx() ctx: Context) {
    return ctx.services.onlineConsistency.check(args.view, args.sample, args.seed, { signal: ctx.signal });
  }

  @FieldResolver(() => [OnlineOutcomeCount], { description: 'Entities by outcome, those with none included.' })
  counts(@Root() { counts }: ConsistencyReport): OnlineOutcomeCount[] {
    return ONLINE_OUTCOMES.map((outcome) => ({ outcome, count: counts[outcome] }));
  }

  @FieldResolver(() => Float, nullable('Share of EQUAL and PENDING, which is explainable; null where no entity was.'))
  consistentRatio(@Root() { counts, sampledCount }: ConsistencyReport): number | null {
    return sampledCount === 0 ? null : (counts.EQUAL + counts.PENDING) / sampledCount;
  }

  @FieldResolver(() => FeatureView, { description: 'The view.' })
  view(@Root() report: ConsistencyReport, @Ctx() ctx: Context) {
    return featureViewOfVersion(ctx).load(report.viewVersionId);
  }
}
