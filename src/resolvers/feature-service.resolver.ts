import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import {
  ApplyFeatureServiceInput,
  ApplyFeatureServicePayload,
  FeatureService,
  FeatureServiceVersion,
  JoinKeyMapping,
  ServiceFeature,
} from '../schema/feature-service';
import { nullable } from '../schema/nullable';
import { featureServiceById } from './feature-service.loaders';

@Resolver(() => FeatureServiceVersion)
export class FeatureServiceResolver {
  @Query(() => FeatureService, nullable('A feature service by its name; null when there is none.'))
  featureService(@Arg('name', () => String, { description: 'Its name.' }) name: string, @Ctx() ctx: Context) {
    return ctx.services.featureServices.findByName(name);
  }

  @Mutation(() => ApplyFeatureServicePayload, { description: 'Makes a feature service, or changes it.' })
  async applyFeatureService(
    @Arg('input', () => ApplyFeatureServiceInput) input: ApplyFeatureServiceInput,
    @Ctx() ctx: Context,
  ) {
    return { featureService: await ctx.services.featureServices.apply(input, ctx.actor) };
  }

  @FieldResolver(() => FeatureService, { description: 'The service that it is a version of.' })
  service(@Root() version: rows.FeatureServiceVersion, @Ctx() ctx: Context) {
    return featureServiceById(ctx).load(version.featureServiceId);
  }
}

@Resolver(() => ServiceFeature)
export class ServiceFeatureResolver {
  @FieldResolver(() => [JoinKeyMapping], {
    description: 'Join keys that are not compared with the entity key of the same name; mostly none.',
  })
  joinKeyMap(@Root() { joinKeyMap }: rows.ServiceFeature): readonly JoinKeyMapping[] {
    return joinKeyMap ?? [];
  }
}
