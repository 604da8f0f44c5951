import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import {
  ApplyFeatureServiceInput,
  ApplyFeatureServicePayload,
  FeatureService,
  FeatureServiceVersion,
  JoinKeyMapping,
  OnDemandFeature,
  ServiceFeature,
} from '../schema/feature-service';
import { nullable } from '../schema/nullable';
import type { FeatureServiceRecord } from '../services/features';
import { featureServiceById } from './feature-service.loaders';

const ON_DEMAND_FEATURES = {
  description: 'Its features that are computed from the others; models take them behind those.',
};

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

  @FieldResolver(() => [OnDemandFeature], ON_DEMAND_FEATURES)
  async onDemandFeatures(@Root() version: rows.FeatureServiceVersion, @Ctx() ctx: Context): Promise<OnDemandFeature[]> {
    const service = await featureServiceById(ctx).load(version.featureServiceId);
    return described(version.onDemandFeatures, service?.onDemandDescriptions ?? {});
  }
}

@Resolver(() => FeatureService)
export class OnDemandFeaturesResolver {
  @FieldResolver(() => [OnDemandFeature], ON_DEMAND_FEATURES)
  onDemandFeatures(@Root() { onDemandFeatures, onDemandDescriptions }: FeatureServiceRecord): OnDemandFeature[] {
    return described(onDemandFeatures, onDemandDescriptions);
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

const described = (
  features: readonly rows.OnDemandFeature[],
  descriptions: Readonly<Record<string, string>>,
): OnDemandFeature[] => features.map((feature) => ({ ...feature, description: descriptions[feature.name] ?? '' }));
