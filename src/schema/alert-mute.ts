import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { AlertKind } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({
  implements: Node,
  description:
    'A time in which alerts of a model are kept quiet. Rules judge on, and alerts are raised: `alerts` shows them, as `muted`; subscriptions, webhooks and `events` do not tell of them. ' +
    'Once it has ended, one whose cause was still seen last is told within a minute, any other one when its cause comes back.',
})
export class AlertMute extends Node {
  @Field(() => [AlertKind], nullable('Of these kinds; null: all.'))
  kinds!: rows.AlertKind[] | null;

  @Field(() => DateTime, { description: 'When it begins.' })
  startsAt!: Date;

  @Field(() => DateTime, { description: 'When it ends, or was ended.' })
  endsAt!: Date;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => String, nullable('Who ended it before its time.'))
  endedBy!: string | null;

  @Field(() => String, { description: 'Who set it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was set.' })
  createdAt!: Date;
}

export const AlertMuteConnection = connectionType('AlertMute', () => AlertMute);

@InputType({ description: 'A time in which alerts shall be kept quiet.' })
export class MuteAlertsInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => [AlertKind], nullable('Of these kinds; absent: all.'))
  kinds?: rows.AlertKind[] | null;

  @Field(() => DateTime, nullable('When it begins; absent: now.'))
  from?: Date | null;

  @Field(() => DateTime, { description: 'When it ends, at most 90 days after it begins.' })
  to!: Date;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => String, nullable('Repeat the request with the same key, and it is done once.'))
  idempotencyKey?: string | null;
}

@InputType({ description: 'A mute to end.' })
export class UnmuteAlertsInput {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

@ObjectType({ description: 'The mute as it is now.' })
export class AlertMutePayload extends MutationPayload {
  @Field(() => AlertMute, nullable('Null when there are userErrors.'))
  alertMute?: AlertMute | null;
}
