import { Field, Float, InputType, ObjectType } from 'type-graphql';
import { connectionType } from './connection';
import { MaterializationJob } from './job';
import { nullable } from './nullable';
import { DateTime } from './scalars';
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

@ObjectType({ description: 'What a job has written of one view.' })
export class MaterializedView {
  @Field(() => Float, { description: 'Rows that were newer than what the online store had.' })
  rowCount!: number;

  @Field(() => DateTime, { description: 'Up to when the online store has the view’s rows by this job.' })
  materializedAt!: Date;
}

export const MaterializationJobConnection = connectionType('MaterializationJob', () => MaterializationJob);
