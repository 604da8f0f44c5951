import { Arg, Args, Ctx, FieldResolver, Float, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { FeatureQualityReference } from '../entities';
import { InvalidInput } from '../errors';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { FeatureEntity } from '../schema/feature-entity';
import {
  ApplyFeatureViewInput,
  ApplyFeatureViewPayload,
  FeatureView,
  FeatureViewConnection,
} from '../schema/feature-view';
import { parseGlobalId } from '../schema/global-id';
import { MaterializationJobConnection } from '../schema/materialization';
import { nullable } from '../schema/nullable';
import { DateTime } from '../schema/scalars';
import { Schedule } from '../schema/schedule';
import type { FeatureViewRecord } from '../services/features';
import { featureEntityById } from './feature-entity.loaders';
import {
  ingestedOfVersion,
  materializationOfVersion,
  materializationScheduleOfView,
  qualityScheduleOfView,
} from './feature-view.loaders';

/** @throws InvalidInput when the id is neither a quality report's nor a dataset's */
function referenceOf(id: string | null | undefined, field: readonly string[]): FeatureQualityReference | null {
  if (id == null) return null;
  const { kind, key } = parseGlobalId(id, field);
  if (kind !== 'FeatureQualityReport' && kind !== 'Dataset')
    throw new InvalidInput(field, `is the id of a ${kind}; name a FeatureQualityReport or a Dataset`);
  return { kind, id: key };
}

@Resolver(() => FeatureView)
export class FeatureViewResolver {
  @Query(() => FeatureView, nullable('A view by its name; null when there is none.'))
  featureView(@Arg('name', () => String, { description: 'Its name.' }) name: string, @Ctx() ctx: Context) {
    return ctx.services.featureViews.findByName(name);
  }

  @Query(() => FeatureViewConnection, { description: 'All feature views, by name.' })
  async featureViews(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context) {
    return toConnection(await ctx.services.featureViews.list(args));
  }

  @Mutation(() => ApplyFeatureViewPayload, {
    description: 'Makes a feature view, or changes it, and says what that means for services and models.',
  })
  async applyFeatureView(@Arg('input', () => ApplyFeatureViewInput) input: ApplyFeatureViewInput, @Ctx() ctx: Context) {
    const qualityRules = input.qualityRules?.map(({ referenceId, ...rule }, index) => ({
      ...rule,
      reference: referenceOf(referenceId, ['input', 'qualityRules', String(index), 'referenceId']),
    }));
    return ctx.services.featureViews.applyExplained({ ...input, qualityRules }, ctx.actor);
  }

  @FieldResolver(() => FeatureEntity, { description: 'What it is about.' })
  entity(@Root() view: FeatureViewRecord, @Ctx() ctx: Context) {
    return featureEntityById(ctx).load(view.entityId);
  }

  @FieldResolver(() => Float, { description: 'Rows that were ingested into its current version.' })
  async rowCount(@Root() view: FeatureViewRecord, @Ctx() ctx: Context): Promise<number> {
    return (await ingestedOfVersion(ctx).load(view.versionId))?.rowCount ?? 0;
  }

  @FieldResolver(() => DateTime, nullable('When rows last came in; null when none have.'))
  async lastIngestAt(@Root() view: FeatureViewRecord, @Ctx() ctx: Context): Promise<Date | null> {
    return (await ingestedOfVersion(ctx).load(view.versionId))?.lastIngestAt ?? null;
  }

  @FieldResolver(
    () => DateTime,
    nullable('Up to when the online store has its rows; null when it was never materialized.'),
  )
  async materializedThrough(@Root() view: FeatureViewRecord, @Ctx() ctx: Context): Promise<Date | null> {
    return (await materializationOfVersion(ctx).load(view.versionId))?.materializedAt ?? null;
  }

  @FieldResolver(() => MaterializationJobConnection, {
    description: 'The jobs that copy its rows to the online store, newest first.',
  })
  async materializations(
    @Root() view: FeatureViewRecord,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() ctx: Context,
  ) {
    return toConnection(await ctx.services.materialization.history(view.id, args));
  }

  @FieldResolver(() => Schedule, nullable('When it is materialized by the clock; null: only when asked to be.'))
  materializationSchedule(@Root() view: FeatureViewRecord, @Ctx() ctx: Context) {
    return materializationScheduleOfView(ctx).load(view.id);
  }

  @FieldResolver(() => Schedule, nullable('When a quality report is made by the clock; null: only when asked for.'))
  qualitySchedule(@Root() view: FeatureViewRecord, @Ctx() ctx: Context) {
    return qualityScheduleOfView(ctx).load(view.id);
  }
}
