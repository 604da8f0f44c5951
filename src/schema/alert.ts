import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { ALERT_CHANGES } from '../services/events';
import { connectionType } from './connection';
import { enumType } from './enum-type';
import { AlertKind, AlertSeverity, AlertStatus } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

const AlertChange = enumType('AlertChange', ALERT_CHANGES, 'What happened to an alert.', {
  RAISED: 'It is new.',
  ACKNOWLEDGED: 'Somebody took it on.',
  RESOLVED: 'It was settled, by a person or by clean windows.',
  REOPENED: 'It was settled and is open again.',
  RECURRED: 'Its cause was seen again while it was unsettled.',
});

@ObjectType({
  implements: Node,
  description:
    'Something that a person should look at. The query `lineage` leads from its id to the version and the reports that it came of, and to what they came of.',
})
export class Alert extends Node {
  @Field(() => AlertKind, { description: 'What it is about.' })
  kind!: rows.AlertKind;

  @Field(() => AlertSeverity, { description: 'How pressing it is.' })
  severity!: rows.AlertSeverity;

  @Field(() => AlertStatus, { description: 'Who cares for it.' })
  status!: rows.AlertStatus;

  @Field(() => String, { description: 'The worst of its causes.' })
  title!: string;

  @Field(() => Int, { description: 'In how many windows or reports the cause was seen since it was raised.' })
  occurrences!: number;

  @Field(() => String, nullable('Who took it on.'))
  acknowledgedBy!: string | null;

  @Field(() => String, nullable('Who settled it; system:alert-rules where clean windows did.'))
  resolvedBy!: string | null;

  @Field(() => DateTime, nullable('When it was settled last.'))
  resolvedAt!: Date | null;

  @Field(() => Int, { description: 'Counts changes. Handling it takes the revision that it was read at.' })
  revision!: number;

  @Field(() => DateTime, { description: 'When it was raised.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it last changed.' })
  updatedAt!: Date;
}

@ObjectType({ description: 'What a rule measured in the newest window that saw the cause.' })
export class AlertFinding {
  @Field(() => Float, nullable('The figure, in the unit of the threshold.'))
  value!: number | null;

  @Field(() => Float, nullable('What it was held against.'))
  threshold!: number | null;

  @Field(() => DateTime, { description: 'Where the window begins.' })
  windowStart!: Date;

  @Field(() => DateTime, { description: 'Where it ends, itself not in it.' })
  windowEnd!: Date;
}

export const AlertConnection = connectionType('Alert', () => Alert);

@InputType({ description: 'An alert to handle.' })
export class HandleAlertInput {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => Int, { description: 'The revision at which you read it.' })
  revision!: number;
}

@ObjectType({ description: 'The alert as it is now.' })
export class AlertPayload extends MutationPayload {
  @Field(() => Alert, nullable('Null when there are userErrors.'))
  alert?: Alert | null;
}

@ObjectType({ description: 'A change of an alert.' })
class AlertEvent {
  @Field(() => AlertChange, { description: 'What happened.' })
  change!: string;

  @Field(() => Alert, { description: 'The alert as it is now.' })
  alert!: Alert;
}

@ObjectType({ description: 'A change of an alert, as an event.' })
export class AlertChangedEvent {
  @Field(() => String, { description: 'Pass it as `after` to resume behind this event.' })
  cursor!: string;

  @Field(() => AlertEvent, { description: 'The change.' })
  event!: AlertEvent;
}
