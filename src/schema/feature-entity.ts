import { Field, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { ScalarDtype } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime, JSONObject } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'A column that names an entity, alone or together with others.' })
export class JoinKey {
  @Field(() => String, { description: 'Name of the column.' })
  name!: string;

  @Field(() => ScalarDtype, { description: 'Type of its values.' })
  dtype!: rows.ScalarDtype;
}

@ObjectType({ implements: Node, description: 'What features describe, by its join keys: a subscriber, say.' })
export class FeatureEntity extends Node {
  @Field(() => String, { description: 'Unique among entities.' })
  name!: string;

  @Field(() => [JoinKey], { description: 'The columns that name one, in order.' })
  joinKeys!: JoinKey[];

  @Field(() => String, { description: 'What it is; may be empty.' })
  description!: string;

  @Field(() => String, { description: 'Who answers for it.' })
  owner!: string;

  @Field(() => JSONObject, { description: 'Free names and values.' })
  tags!: Record<string, string>;

  @Field(() => Int, { description: 'Counts changes.' })
  revision!: number;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export const FeatureEntityConnection = connectionType('FeatureEntity', () => FeatureEntity);

@InputType({ description: 'A column that names an entity.' })
class JoinKeyInput {
  @Field(() => String, { description: '1 to 63 lower-case letters, digits and "_", beginning with a letter.' })
  name!: string;

  @Field(() => ScalarDtype, { description: 'Type of its values; not DOUBLE.', defaultValue: 'STRING' })
  dtype!: rows.ScalarDtype;
}

@InputType({
  description:
    'An entity as it shall be: made where it does not exist, else changed. Applying the same again changes nothing.',
})
export class ApplyEntityInput {
  @Field(() => String, {
    description: 'Unique; 1 to 63 lower-case letters, digits and "_", beginning with a letter.',
  })
  name!: string;

  @Field(() => [JoinKeyInput], { description: '1 to 8. They cannot change once a view is about the entity.' })
  joinKeys!: JoinKeyInput[];

  @Field(() => String, nullable('What it is; stays as it is where absent.'))
  description?: string | null;

  @Field(() => String, nullable('Who answers for it; at first the caller.'))
  owner?: string | null;

  @Field(() => JSONObject, nullable('All its tags: texts by name.'))
  tags?: Record<string, unknown> | null;
}

@ObjectType({ description: 'The entity as it is now.' })
export class ApplyEntityPayload extends MutationPayload {
  @Field(() => FeatureEntity, nullable('Null when there are userErrors.'))
  entity?: FeatureEntity | null;
}
