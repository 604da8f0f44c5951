import { Field, InputType, ObjectType } from 'type-graphql';
import { EntityErasureJob } from './job';
import { nullable } from './nullable';
import { FeatureRow, type FeatureRowValue } from './scalars';
import { MutationPayload } from './user-error';

@InputType({ description: 'An entity to forget.' })
export class EraseEntityInput {
  @Field(() => String, { description: 'Name of the entity, such as `subscriber`.' })
  entity!: string;

  @Field(() => FeatureRow, { description: 'The value of each of its join keys.' })
  key!: FeatureRowValue;

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The work that was started.' })
export class EraseEntityPayload extends MutationPayload {
  @Field(() => EntityErasureJob, nullable('Null when there are userErrors.'))
  job?: EntityErasureJob | null;
}
