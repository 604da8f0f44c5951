import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { ModelVersion } from './model-version';
import { nullable } from './nullable';
import { TagChangesInput } from './tag-changes';
import { MutationPayload } from './user-error';

@InputType({ description: 'A change of what is noted about a version. What is absent or null stays as it is.' })
export class UpdateModelVersionInput extends TagChangesInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'Number of the version.' })
  version!: number;

  @Field(() => Int, { description: 'The revision at which you read it.' })
  revision!: number;

  @Field(() => String, nullable('What is new in it.'))
  description?: string | null;
}

@InputType({ description: 'A version to take out of sight. Its number is not given again.' })
export class DeleteModelVersionInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'Number of the version.' })
  version!: number;

  @Field(() => Int, { description: 'The revision at which you read it.' })
  revision!: number;

  @Field(() => String, nullable('Why, for the audit trail.'))
  reason?: string | null;
}

@InputType({ description: 'A free name for a version.' })
export class SetModelAliasInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'Number of the version that the alias shall point to.' })
  version!: number;

  @Field(() => String, {
    description:
      'The name, such as champion: 1 to 255 letters, digits, "_", "-" or "."; not "latest", "v1", "v2", … or a stage.',
  })
  alias!: string;
}

@InputType({ description: 'A name that shall point to no version any more.' })
export class DeleteModelAliasInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => String, { description: 'The alias.' })
  alias!: string;
}

@ObjectType({ description: 'The version as it is now.' })
export class ModelVersionPayload extends MutationPayload {
  @Field(() => ModelVersion, nullable('Null when there are userErrors, and for an alias that pointed nowhere.'))
  modelVersion?: ModelVersion | null;
}
