import { Arg, Ctx, FieldResolver, Float, Mutation, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import type { Context } from '../schema/context';
import { Dataset } from '../schema/dataset';
import { EraseEntityInput, EraseEntityPayload } from '../schema/entity-erasure';
import { FeatureEntity } from '../schema/feature-entity';
import { EntityErasureJob } from '../schema/job';
import { nullable } from '../schema/nullable';
import { datasetById } from './dataset.loaders';
import { erasureOfJob } from './entity-erasure.loaders';
import { featureEntityById } from './feature-entity.loaders';

const asked = async (job: rows.JobRecord, ctx: Context) => erasureOfJob(ctx).load(job.id);

@Resolver(() => EntityErasureJob)
export class EntityErasureResolver {
  @Mutation(() => EraseEntityPayload, {
    description:
      'Forgets an entity: its rows in every version of every view of it, offline and online, and where quality reports show it. It waits for ingests and ' +
      'files that were sent before. Stop its source first: what is sent meanwhile may stay. Datasets are records of what models learned from and stay as they are, as do predictions; the job says which datasets ' +
      'hold the entity and how many predictions name it. A key that is not known is no error. The key itself is forgotten when the job has ended.',
  })
  async eraseEntity(@Arg('input', () => EraseEntityInput) input: EraseEntityInput, @Ctx() ctx: Context) {
    return { job: await ctx.services.erasures.erase(input, ctx.actor) };
  }

  @FieldResolver(() => FeatureEntity, { description: 'What kind of entity it forgets.' })
  async entity(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return featureEntityById(ctx).load((await asked(job, ctx))?.entityId ?? '');
  }

  @FieldResolver(() => String, {
    description: 'SHA-256 of the JSON list of the entity’s name and the key, itself the JSON text of a list of texts.',
  })
  async keyDigest(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return (await asked(job, ctx))?.keyDigest;
  }

  @FieldResolver(() => Float, { description: 'Rows removed from the offline store so far.' })
  async erasedRowCount(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return (await asked(job, ctx))?.erasedRowCount;
  }

  @FieldResolver(() => Float, { description: 'Versions of views whose online values were removed so far.' })
  async erasedOnlineCount(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return (await asked(job, ctx))?.erasedOnlineCount;
  }

  @FieldResolver(
    () => Float,
    nullable('Predictions in the log that name the entity by its own join keys. Null until it was looked.'),
  )
  async predictionCount(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    return (await asked(job, ctx))?.predictionCount;
  }

  @FieldResolver(
    () => [Dataset],
    nullable('Datasets with rows of the entity, newest first; they were left as they are. Null until it was looked.'),
  )
  async datasets(@Root() job: rows.JobRecord, @Ctx() ctx: Context) {
    const ids = (await asked(job, ctx))?.datasetIds;
    return ids ? datasetById(ctx).loadMany(ids) : null;
  }
}
