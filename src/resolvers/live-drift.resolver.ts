import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../schema/context';
import { LiveDrift } from '../schema/live-drift';
import { ModelVersion } from '../schema/model-version';
import { nullable } from '../schema/nullable';
import { DateTime } from '../schema/scalars';
import type { LiveDrift as LiveDriftRecord } from '../services/monitoring';

@Resolver(() => LiveDrift)
export class LiveDriftResolver {
  @Query(() => LiveDrift, {
    description:
      'Drift of the features and predictions of the last minutes, or of a window, at once. The last hour unless told.',
  })
  liveDrift(
    @Arg('model', () => String, { description: 'Name of the model.' }) model: string,
    @Arg('version', () => Int, nullable('Number of the version; the production version where absent.'))
    version: number | null,
    @Arg('lastMinutes', () => Int, nullable('How far back to look, at most a year; instead of from and to.'))
    lastMinutes: number | null,
    @Arg('from', () => DateTime, nullable('Start of the window, inclusive; with to.')) from: Date | null,
    @Arg('to', () => DateTime, nullable('End of the window, exclusive; with from.')) to: Date | null,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.liveDrift.read({ model, version, lastMinutes, from, to });
  }

  @FieldResolver(() => ModelVersion, { description: 'The version that served.' })
  modelVersion(@Root() { modelVersion }: LiveDriftRecord) {
    return modelVersion;
  }
}
