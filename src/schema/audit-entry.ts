import { Field, Int, ObjectType } from 'type-graphql';
import { connectionType } from './connection';
import { DateTime, JSONObject } from './scalars';

@ObjectType({
  description:
    'One change that matters, in the chain of its model or of the platform. It can neither be changed nor deleted.',
})
export class AuditEntry {
  @Field(() => String, { description: 'The chain that it stands in: `model:<uuid>`, or `platform`.' })
  chain!: string;

  @Field(() => Int, { description: 'Its number there: from 1, without gaps.' })
  sequence!: number;

  @Field(() => DateTime, { description: 'When it was written, by the clock of the database.' })
  recordedAt!: Date;

  @Field(() => String, { description: 'Who did it.' })
  actor!: string;

  @Field(() => String, { description: 'What was done: `model.create`, `version.transition`, `outcome.correct`, …' })
  action!: string;

  @Field(() => JSONObject, { description: 'With what values; which ones, depends on the action.' })
  details!: Record<string, unknown>;

  @Field(() => String, { description: 'The request that did it, as in the logs.' })
  requestId!: string;
}

export const AuditEntryConnection = connectionType('AuditEntry', () => AuditEntry);
