import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { Stage } from './enums';
import { ModelVersion } from './model-version';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({
  implements: Node,
  description: 'A move of a version between stages. It can neither be changed nor deleted.',
})
export class ModelTransition extends Node {
  @Field(() => Stage, { description: 'Where it was.' })
  fromStage!: rows.Stage;

  @Field(() => Stage, { description: 'Where it went.' })
  toStage!: rows.Stage;

  @Field(() => String, { description: 'Why; may be empty.' })
  reason!: string;

  @Field(() => String, { description: 'Who moved it.' })
  actor!: string;

  @Field(() => String, { description: 'The request that moved it, as in the logs.' })
  requestId!: string;

  @Field(() => DateTime, { description: 'When. A promotion and the archiving that comes with it carry the same time.' })
  createdAt!: Date;
}

export const ModelTransitionConnection = connectionType('ModelTransition', () => ModelTransition);

@InputType({ description: 'A move of a version to another stage.' })
export class TransitionInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'Number of the version.' })
  version!: number;

  @Field(() => Stage, { description: 'Where it shall go.' })
  toStage!: rows.Stage;

  @Field(() => Stage, {
    description: 'Where you believe it to be: if someone moved it meanwhile, the move is refused.',
  })
  expectedStage!: rows.Stage;

  @Field(
    () => ID,
    nullable(
      'For a promotion: id of the production version that you decided against, null for none; with another one there it is refused. Absent: whichever is there is replaced.',
    ),
  )
  replaces?: string | null;

  @Field(() => String, nullable('Why; kept with the transition.'))
  reason?: string | null;

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The move that was made.' })
export class TransitionModelVersionPayload extends MutationPayload {
  @Field(() => ModelVersion, nullable('The version in its new stage.'))
  modelVersion?: ModelVersion | null;

  @Field(() => ModelTransition, nullable('The record of the move.'))
  transition?: ModelTransition | null;

  @Field(() => ModelVersion, nullable('The version that left PRODUCTION for this one.'))
  archivedVersion?: ModelVersion | null;
}

@ObjectType({ description: 'A move, as an event.' })
export class ModelTransitionedEvent {
  @Field(() => String, { description: 'Pass it as `after` to resume behind this event.' })
  cursor!: string;

  @Field(() => ModelTransition, { description: 'The move.' })
  event!: ModelTransition;
}

@ObjectType({ description: 'A new version, as an event.' })
export class ModelVersionRegisteredEvent {
  @Field(() => String, { description: 'Pass it as `after` to resume behind this event.' })
  cursor!: string;

  @Field(() => ModelVersion, { description: 'The version.' })
  event!: ModelVersion;
}
