import { Field, InputType, ObjectType } from 'type-graphql';
import { MaterializationJob } from './job';
import { nullable } from './nullable';
import { MutationPayload } from './user-error';

@InputType({ description: 'Views whose newest rows shall be copied to the online store.' })
export class MaterializeFeaturesInput {
  @Field(() => [String], { description: 'Names of 1 to 100 views.' })
  views!: string[];

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The work that was started.' })
export class MaterializeFeaturesPayload extends MutationPayload {
  @Field(() => MaterializationJob, nullable('Null when there are userErrors.'))
  job?: MaterializationJob | null;
}
