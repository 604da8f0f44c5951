import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import type { FeatureFileFormat as Format } from '../entities';
import { FeatureFileFormat } from './feature-enums';
import { FeatureIngestJob } from './job';
import type { FeatureRowValue } from './scalars';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime, FeatureRow } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({
  implements: Node,
  description: 'Rows that were ingested together; they never change, but those of an entity that is erased are gone.',
})
export class FeatureBatch extends Node {
  @Field(() => Float, { description: 'Its place in the order of all batches, from 1.' })
  ingestSequence!: number;

  @Field(() => Int, { description: 'How many rows were ingested; those that were erased since are still counted.' })
  rowCount!: number;

  @Field(() => Float, { description: 'Size of its file as it was ingested.' })
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

@InputType({ description: 'A file of rows for a feature view.' })
export class IngestFeatureFileInput {
  @Field(() => String, { description: 'Name of the view.' })
  view!: string;

  @Field(() => String, {
    description:
      'SHA-256 of the file, which was uploaded with createArtifactUpload (kind FEATURE_FILE). Its columns are named as the values of rows are in ' +
      'ingestFeatures: the join keys, `eventTimestamp`, perhaps `createdTimestamp`, and fields of the view; a missing field is null.',
  })
  artifact!: string;

  @Field(() => FeatureFileFormat, { description: 'What kind of file it is.' })
  format!: Format;

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours: it answers the same job.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The work that was started.' })
export class IngestFeatureFilePayload extends MutationPayload {
  @Field(() => FeatureIngestJob, nullable('Null when there are userErrors.'))
  job?: FeatureIngestJob | null;
}
