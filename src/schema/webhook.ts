import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { EventType, WebhookDeliveryStatus } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({
  implements: Node,
  description: 'An address that is told of events, at least once each, by signed messages (Standard Webhooks).',
})
export class Webhook extends Node {
  @Field(() => String, { description: 'Where messages are posted.' })
  url!: string;

  @Field(() => String, { description: 'What it is for; may be empty.' })
  description!: string;

  @Field(() => [EventType], { description: 'The events that it is told of.' })
  eventTypes!: rows.EventType[];

  @Field(() => Boolean, { description: 'Whether it is told now. What was due before waits while it is not.' })
  active!: boolean;

  @Field(
    () => DateTime,
    nullable(
      'When it was switched off because its receiver answered 410 Gone, or every attempt had failed for five days; updateWebhook(active: true) switches it on again. Null when it was not.',
    ),
  )
  disabledAt!: Date | null;

  @Field(() => String, nullable('Why it was switched off; null unless disabledAt is set.'))
  disabledReason!: string | null;

  @Field(() => Int, { description: 'Counts changes. Updates take the revision that they were read at.' })
  revision!: number;

  @Field(() => String, { description: 'Who made it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export const WebhookConnection = connectionType('Webhook', () => Webhook);

@ObjectType({
  implements: Node,
  description: 'One message to one webhook, through all its attempts. Kept for 30 days.',
})
export class WebhookDelivery extends Node {
  @Field(() => String, {
    description:
      'The message’s own id, the same in every attempt: the event’s cursor. A receiver knows a repetition by it.',
  })
  messageId!: string;

  @Field(() => String, { description: 'Type of the event, or TEST.' })
  eventType!: string;

  @Field(() => String, { description: 'What is sent: JSON, as text.' })
  body!: string;

  @Field(() => WebhookDeliveryStatus, { description: 'What has become of it.' })
  status!: rows.WebhookDeliveryStatus;

  @Field(() => Int, { description: 'Attempts that were begun.' })
  attempt!: number;

  @Field(() => DateTime, nullable('When the next attempt is due; null when it is over.'))
  nextAttemptAt!: Date | null;

  @Field(() => Int, nullable('The last answer’s HTTP status; null where there was none.'))
  responseStatus!: number | null;

  @Field(() => String, nullable('What was wrong with the last attempt.'))
  error!: string | null;

  @Field(() => DateTime, { description: 'When the event reached it.' })
  createdAt!: Date;

  @Field(() => DateTime, nullable('When it was delivered or given up.'))
  finishedAt!: Date | null;
}

export const WebhookDeliveryConnection = connectionType('WebhookDelivery', () => WebhookDelivery);

@InputType({ description: 'A new webhook.' })
export class CreateWebhookInput {
  @Field(() => String, {
    description: 'An http(s) address without credentials; one in a private network only where the server allows it.',
  })
  url!: string;

  @Field(() => [EventType], { description: 'The events to tell of; at least one.' })
  eventTypes!: rows.EventType[];

  @Field(() => String, nullable('Name of a model: only its events are told.'))
  model?: string | null;

  @Field(() => String, nullable('What it is for.'))
  description?: string | null;
}

@InputType({ description: 'A change of a webhook. What is absent or null stays as it is.' })
export class UpdateWebhookInput {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => Int, { description: 'The revision at which you read it.' })
  revision!: number;

  @Field(() => String, nullable('A new address.'))
  url?: string | null;

  @Field(() => [EventType], nullable('The events to tell of; they replace those it has.'))
  eventTypes?: rows.EventType[] | null;

  @Field(() => String, nullable('What it is for.'))
  description?: string | null;

  @Field(() => Boolean, nullable('Whether it shall be told now.'))
  active?: boolean | null;

  @Field(() => Boolean, nullable('Whether to sign with a new secret from now on; the payload tells it once.'))
  rotateSecret?: boolean | null;
}

@InputType({ description: 'One webhook, or one delivery of one.' })
export class WebhookIdInput {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

@ObjectType({ description: 'The webhook as it is now.' })
export class WebhookPayload extends MutationPayload {
  @Field(() => Webhook, nullable('Null when there are userErrors.'))
  webhook?: Webhook | null;

  @Field(() => String, nullable('The secret that messages are signed with, where it is new. It is told this once.'))
  secret?: string | null;
}

@ObjectType({ description: 'The delivery as it is now; the dispatcher sends it in a moment.' })
export class WebhookDeliveryPayload extends MutationPayload {
  @Field(() => WebhookDelivery, nullable('Null when there are userErrors.'))
  delivery?: WebhookDelivery | null;
}
