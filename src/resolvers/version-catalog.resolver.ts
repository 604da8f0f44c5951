import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import { ModelAlias } from '../schema/model';
import { ModelVersion } from '../schema/model-version';
import {
  DeleteModelAliasInput,
  DeleteModelVersionInput,
  ModelVersionPayload,
  SetModelAliasInput,
  UpdateModelVersionInput,
} from '../schema/version-catalog';
import { aliasesOfVersion, modelVersionById } from './registry.loaders';

@Resolver(() => ModelVersion)
export class VersionCatalogResolver {
  @Mutation(() => ModelVersionPayload, { description: 'Changes description or tags of a version.' })
  async updateModelVersion(
    @Arg('input', () => UpdateModelVersionInput, { description: 'The change.' }) input: UpdateModelVersionInput,
    @Ctx() ctx: Context,
  ) {
    return { modelVersion: await ctx.services.catalog.update(input, ctx.actor) };
  }

  @Mutation(() => ModelVersionPayload, {
    description:
      'Takes a version out of sight and frees its aliases; refused while it is in production. What refers to it stays whole.',
  })
  async deleteModelVersion(
    @Arg('input', () => DeleteModelVersionInput, { description: 'The version.' }) input: DeleteModelVersionInput,
    @Ctx() ctx: Context,
  ) {
    return { modelVersion: await ctx.services.catalog.delete(input, ctx.actor) };
  }

  @Mutation(() => ModelVersionPayload, { description: 'Points an alias to a version, wherever it pointed before.' })
  async setModelAlias(
    @Arg('input', () => SetModelAliasInput, { description: 'Alias and version.' }) input: SetModelAliasInput,
    @Ctx() ctx: Context,
  ) {
    return { modelVersion: await ctx.services.catalog.setAlias(input, ctx.actor) };
  }

  @Mutation(() => ModelVersionPayload, {
    description: 'Removes an alias, and answers the version that it pointed to; one that is not there is no fault.',
  })
  async deleteModelAlias(
    @Arg('input', () => DeleteModelAliasInput, { description: 'The alias.' }) input: DeleteModelAliasInput,
    @Ctx() ctx: Context,
  ) {
    return { modelVersion: await ctx.services.catalog.deleteAlias(input, ctx.actor) };
  }

  @FieldResolver(() => [String], { description: 'The aliases that point to it.' })
  async aliases(@Root() version: rows.ModelVersion, @Ctx() ctx: Context): Promise<string[]> {
    return (await aliasesOfVersion(ctx).load(version.id)).map(({ alias }) => alias);
  }
}

@Resolver(() => ModelAlias)
export class ModelAliasResolver {
  @FieldResolver(() => ModelVersion, { description: 'The version that it points to.' })
  modelVersion(@Root() alias: rows.ModelAlias, @Ctx() ctx: Context) {
    return modelVersionById(ctx).load(alias.modelVersionId);
  }
}
