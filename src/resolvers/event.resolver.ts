import { Arg, Args, Ctx, Query, Resolver, Root, Subscription } from 'type-graphql';
import { EVENT_TYPES, type EventType as EventTypeName } from '../entities/enums';
import { ConnectionArgs } from '../schema/connection';
import type { Context } from '../schema/context';
import { EventType } from '../schema/enums';
import { DeliveredEvent, EventPage, type PlatformEvent } from '../schema/event';
import { type NodeKind, toGlobalId } from '../schema/global-id';
import { nullable } from '../schema/nullable';
import type { MooringEvent } from '../services/events';

/** Which kinds the bare uuids in event payloads are of. */
const ID_FIELDS: Readonly<Record<string, NodeKind>> = {
  modelVersionId: 'ModelVersion',
  transitionId: 'ModelTransition',
  reportId: 'FeatureQualityReport',
  driftReportId: 'DriftReport',
  alertId: 'Alert',
  trainingRunId: 'TrainingRun',
  triggerEvaluationId: 'TriggerEvaluation',
  datasetId: 'Dataset',
};

const TYPES = nullable('Only these; null for all.');

@Resolver()
export class EventResolver {
  @Query(() => EventPage, { description: 'Past events, oldest first, as far back as they are kept.' })
  async events(
    @Args(() => ConnectionArgs) { first, after }: ConnectionArgs,
    @Arg('types', () => [EventType], TYPES) types: EventTypeName[] | null,
    @Ctx() ctx: Context,
  ): Promise<EventPage> {
    const events = await ctx.services.events.list({
      after: after ?? null,
      types: types ?? EVENT_TYPES,
      first: first + 1,
    });
    const nodes = events.slice(0, first).map(toPlatformEvent);
    return {
      nodes,
      pageInfo: { hasNextPage: events.length > first, endCursor: nodes.at(-1)?.cursor ?? null },
    };
  }

  @Subscription(() => DeliveredEvent, {
    name: 'events',
    description: 'Everything that happens, each event once and in order. Resume with the last cursor that you handled.',
    subscribe: ({ args, context }: { args: { after?: string; types?: EventTypeName[] }; context: Context }) =>
      context.services.events.subscribe({ types: args.types ?? EVENT_TYPES, after: args.after ?? null }),
  })
  eventHappened(
    @Arg('after', () => String, nullable('Replay what came after this cursor first; null for "from now".'))
    _after: string | null,
    @Arg('types', () => [EventType], TYPES) _types: EventTypeName[] | null,
    @Root() event: MooringEvent,
  ): DeliveredEvent {
    return { cursor: event.cursor, event: toPlatformEvent(event) };
  }
}

const toPlatformEvent = ({ cursor, type, actor, requestId, occurredAt, payload }: MooringEvent): PlatformEvent => ({
  cursor,
  type,
  actor,
  requestId,
  occurredAt,
  payload: Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      name in ID_FIELDS ? toGlobalId(ID_FIELDS[name], String(value)) : value,
    ]),
  ),
});
