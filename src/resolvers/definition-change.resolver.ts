import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../schema/context';
import { DefinitionDependent } from '../schema/definition-change';
import { FeatureServiceVersion } from '../schema/feature-service';
import { ModelVersion } from '../schema/model-version';
import type { Dependent } from '../services/features';
import { featureServiceVersionById } from './feature-service.loaders';
import { modelVersionById } from './registry.loaders';

@Resolver(() => DefinitionDependent)
export class DefinitionDependentResolver {
  @FieldResolver(() => FeatureServiceVersion, { description: 'The version of a service that depends on it.' })
  featureService(@Root() { featureServiceVersionId }: Dependent, @Ctx() ctx: Context) {
    return featureServiceVersionById(ctx).load(featureServiceVersionId);
  }

  @FieldResolver(() => [ModelVersion], {
    description: 'Model versions that were made with it, by lineage; the first 100.',
  })
  async modelVersions(@Root() { modelVersionIds }: Dependent, @Ctx() ctx: Context) {
    const versions = await Promise.all(modelVersionIds.map((id) => modelVersionById(ctx).load(id)));
    return versions.filter((version) => version !== null);
  }
}
