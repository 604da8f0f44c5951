import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import type { FeatureRowValue } from './scalars';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime, FeatureRow } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ implements: Node, description: 'Rows that were ingested together; they never change.' })
export class FeatureBatch extends Node {
  @Field(() => Float, { description: 'Its place in the order of all batches, from 1.' })
  ingestSequence!: number;

  @Field(() => Int, { description: 'How many rows it has.' })
  rowCount!: number;

  @Field(() => Float, { description: 'Size of its file.' })
  sizeBytes!: number;

  @Field(() => DateTime, { description: 'The earliest eventTimestamp of its rows.' })
  minEventTimestamp!: Date;

  @Field(() => DateTime, { description: 'The latest eventTimestamp of its rows.' })
  maxEventTimestamp!: Date;

  @Field(() => DateTime, { description: 'When it was ingested.' })
  createdAt!: Date;
}

@InputType({ description: 'Rows for a feature view.' })
export class IngestFeaturesInput {
  @Field(() => String, { description: 'Name of the view.' })
  view!: string;

  @Field(() => [FeatureRow], {
    description:
      '1 to 10,000 rows: the join keys, `eventTimestamp` (when it was true), `createdTimestamp` (when the source knew it; leave it out where that is not ' +
      'known) and the view’s fields; a missing field is null. Timestamps without a zone are UTC.',
  })
  rows!: FeatureRowValue[];

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'What was ingested: all rows or none.' })
export class IngestFeaturesPayload extends MutationPayload {
  @Field(() => FeatureBatch, nullable('Null when there are userErrors: up to 20, each with the path of a row’s value.'))
  batch?: FeatureBatch | null;
}
