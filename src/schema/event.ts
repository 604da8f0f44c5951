import { Field, ObjectType } from 'type-graphql';
import { PageInfo } from './connection';
import { EventType } from './enums';
import { DateTime, JSONObject } from './scalars';

@ObjectType('Event', { description: 'Something that happened, in the one order of all events.' })
export class PlatformEvent {
  @Field(() => String, { description: 'Its place in the order; pass it as `after` to read on from here.' })
  cursor!: string;

  @Field(() => EventType, { description: 'What happened.' })
  type!: string;

  @Field(() => String, { description: 'Who did it; triggers appear as system:….' })
  actor!: string;

  @Field(() => String, { description: 'The request in which it happened; the log lines of that request carry it too.' })
  requestId!: string;

  @Field(() => DateTime, { description: 'When it happened.' })
  occurredAt!: Date;

  @Field(() => JSONObject, { description: 'Its particulars. Ids are global: `node(id:)` takes them.' })
  payload!: Record<string, unknown>;
}

@ObjectType({ description: 'A page of past events, oldest first.' })
export class EventPage {
  @Field(() => [PlatformEvent], { description: 'The events.' })
  nodes!: readonly PlatformEvent[];

  @Field(() => PageInfo, { description: 'Where the page ends.' })
  pageInfo!: PageInfo;
}

@ObjectType({ description: 'An event on its way to a listener.' })
export class DeliveredEvent {
  @Field(() => String, { description: 'Subscribe with it as `after` to resume behind this event.' })
  cursor!: string;

  @Field(() => PlatformEvent, { description: 'What happened.' })
  event!: PlatformEvent;
}
