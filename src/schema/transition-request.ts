import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { Role, Stage } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'Which moves to a stage others have to approve.' })
export class ApprovalRule {
  @Field(() => Stage, { description: 'The stage that they lead to.' })
  toStage!: rows.Stage;

  @Field(() => Int, { description: 'How many have to approve, other than who asks.' })
  approvals!: number;

  @Field(() => Role, nullable('The role that they need; null: whoever may approve at all.'))
  role!: rows.Role | null;

  @Field(() => Int, { description: 'Hours after which an undecided request has run out.' })
  expiresAfterHours!: number;
}

@InputType({ description: 'Which moves to a stage others shall approve.' })
class ApprovalRuleInput {
  @Field(() => Stage, { description: 'The stage that they lead to; one rule per stage.' })
  toStage!: 'STAGING' | 'PRODUCTION' | 'ARCHIVED';

  @Field(() => Int, { description: 'How many have to approve, other than who asks; 1 to 10.', defaultValue: 1 })
  approvals!: number;

  @Field(() => Role, nullable('The role that they need; absent: whoever may approve at all.'))
  role: rows.Role | null = null;

  @Field(() => Int, {
    description: 'Hours after which an undecided request has run out; at most 90 days.',
    defaultValue: 72,
  })
  expiresAfterHours!: number;
}

@InputType({ description: 'Which moves of a model’s versions others shall approve.' })
export class SetApprovalRulesInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'The revision at which you read the model.' })
  revision!: number;

  @Field(() => [ApprovalRuleInput], {
    description: 'All its rules; they replace those it has. None: moves need no approval.',
  })
  rules!: ApprovalRuleInput[];
}

@ObjectType({ description: 'What one person said of a request.' })
export class TransitionVote {
  @Field(() => String, { description: 'Who.' })
  actor!: string;

  @Field(() => Boolean, { description: 'Yes or no.' })
  approved!: boolean;

  @Field(() => String, { description: 'With which words; may be empty.' })
  comment!: string;

  @Field(() => DateTime, { description: 'When.' })
  createdAt!: Date;
}

@ObjectType({
  implements: Node,
  description: 'A move that somebody asks for and others approve. The last approval makes it.',
})
export class TransitionRequest extends Node {
  @Field(() => Stage, { description: 'Where the version was.' })
  fromStage!: rows.Stage;

  @Field(() => Stage, { description: 'Where it shall go.' })
  toStage!: rows.Stage;

  @Field(() => String, { description: 'Why; may be empty.' })
  reason!: string;

  @Field(() => Boolean, {
    description:
      'Whether it holds only while `replaces` is what is in production; if not, whichever version is there is replaced.',
  })
  checksProduction!: boolean;

  @Field(() => Int, { description: 'How many have to approve.' })
  requiredApprovals!: number;

  @Field(() => Role, nullable('The role that they need; null: whoever may approve at all.'))
  approverRole!: rows.Role | null;

  @Field(() => String, { description: 'Who asks.' })
  requestedBy!: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it runs out, undecided.' })
  expiresAt!: Date;

  @Field(() => DateTime, nullable('When it was decided; null before.'))
  decidedAt!: Date | null;
}

export const TransitionRequestConnection = connectionType('TransitionRequest', () => TransitionRequest);

@InputType({ description: 'A move to ask others for.' })
export class RequestTransitionInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'Number of the version.' })
  version!: number;

  @Field(() => Stage, { description: 'Where it shall go.' })
  toStage!: rows.Stage;

  @Field(() => Stage, { description: 'Where you believe it to be.' })
  expectedStage!: rows.Stage;

  @Field(
    () => ID,
    nullable(
      'For a promotion: id of the production version that you decided against, null for none; with another one there it is refused, now or by the last approval. Absent: whichever is there is replaced.',
    ),
  )
  replaces?: string | null;

  @Field(() => String, nullable('Why, for those who decide.'))
  reason?: string | null;

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@InputType({ description: 'A decision on a request.' })
export class DecideTransitionInput {
  @Field(() => ID, { description: 'Id of the request.' })
  id!: string;

  @Field(() => String, nullable('With which words.'))
  comment?: string | null;
}

@ObjectType({ description: 'The request as it is now.' })
export class TransitionRequestPayload extends MutationPayload {
  @Field(() => TransitionRequest, nullable('Null when there are userErrors.'))
  request?: TransitionRequest | null;
}
