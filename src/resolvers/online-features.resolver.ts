import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../schema/context';
import { nullable } from '../schema/nullable';
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
    @Arg(
      'requestInputs',
      () => [FeatureRow],
      nullable('The request inputs of the service for each entity, in their order; needed where it has any.'),
    )
    requestInputs: FeatureRowValue[] | null | undefined,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.onlineFeatures.readByName(featureService, entities, requestInputs);
  }
}
