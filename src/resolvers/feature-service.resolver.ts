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
  RequestInput,
  ServiceFeature,
} from '../schema/feature-service';
import { nullable } from '../schema/nullable';
import type { FeatureServiceRecord } from '../services/features';
import { featureServiceById } from './feature-service.loaders';

const ON_DEMAND_FEATURES = {
  description: 'Its features that are computed from the others; models take them behind those.',
};

const REQUEST_INPUTS = { description: 'What these read and only a request knows.' };

@Resolver(() => FeatureServiceVersion)
export class FeatureServiceResolver {
  @Query(() => FeatureService, nullable('A feature service by its name; null when there is none.'))
  featureService(@Arg('name', () => String, { description: 'Its name.' }) name: string, @Ctx() ctx: Context) {
    return ctx.services.featureServices.findByName(name);
  }

  @Mutation(() => ApplyFeatureServicePayload, {
    description: 'Makes a feature service, or changes it, and says what that means for models.',
  })
  applyFeatureService(
    @Arg('input', () => ApplyFeatureServiceInput) input: ApplyFeatureServiceInput,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.featureServices.applyExplained(input, ctx.actor);
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

  @FieldResolver(() => [RequestInput], REQUEST_INPUTS)
  async requestInputs(@Root() version: rows.FeatureServiceVersion, @Ctx() ctx: Context): Promise<RequestInput[]> {
    const service = await featureServiceById(ctx).load(version.featureServiceId);
    return described(version.requestInputs, service?.onDemandDescriptions ?? {});
  }
}

@Resolver(() => FeatureService)
export class OnDemandFeaturesResolver {
  @FieldResolver(() => [OnDemandFeature], ON_DEMAND_FEATURES)
  onDemandFeatures(@Root() { onDemandFeatures, onDemandDescriptions }: FeatureServiceRecord): OnDemandFeature[] {
    return described(onDemandFeatures, onDemandDescriptions);
  }

  @FieldResolver(() => [RequestInput], REQUEST_INPUTS)
  requestInputs(@Root() { requestInputs, onDemandDescriptions }: FeatureServiceRecord): RequestInput[] {
    return described(requestInputs, onDemandDescriptions);
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

const described = <Part extends { readonly name: string }>(
  parts: readonly Part[],
  descriptions: Readonly<Record<string, string>>,
): (Part & { description: string })[] => parts.map((part) => ({ ...part, description: descriptions[part.name] ?? '' }));
