import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../schema/context';
import { OnlineFeatureRow } from '../schema/online-features';
import { FeatureRow, type FeatureRowValue } from '../schema/scalars';

@Resolver()
export class OnlineFeaturesResolver {
  @Query(() => [OnlineFeatureRow], {
    description: 'The features of entities as they are now in the online store, in the order of the entities.',
  })
  onlineFeatures(
    @Arg('featureService', () => String, { description: 'Name of the service; its current version.' })
    featureService: string,
    @Arg('entities', () => [FeatureRow], { description: '1 to 1,000 entities, each by its join keys.' })
    entities: FeatureRowValue[],
    @Ctx() ctx: Context,
  ) {
    return ctx.services.onlineFeatures.readByName(featureService, entities);
  }
}
