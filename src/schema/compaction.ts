import { Field, InputType, ObjectType } from 'type-graphql';
import { FeatureCompactionJob } from './job';
import { nullable } from './nullable';
import { MutationPayload } from './user-error';

@InputType({ description: 'Views whose files shall be compacted.' })
export class CompactFeaturesInput {
  @Field(() => [String], { description: 'Names of 1 to 100 views; all their versions are meant.' })
  views!: string[];

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The work that was started.' })
export class CompactFeaturesPayload extends MutationPayload {
  @Field(() => FeatureCompactionJob, nullable('Null when there are userErrors.'))
  job?: FeatureCompactionJob | null;
}
