import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { DatasetStatus, Dtype } from './enums';
import { SplitStrategy } from './feature-enums';
import { DatasetJob } from './job';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'How rows were divided into training and held-out ones.' })
export class DatasetSplit {
  @Field(() => SplitStrategy, { description: 'By what.' })
  strategy!: rows.SplitStrategy;

  @Field(() => Float, { description: 'The share that was to be held out, between 0 and 1.' })
  heldOutFraction!: number;

  @Field(() => Int, { description: 'The seed of STRATIFIED.' })
  seed!: number;
}

@ObjectType({ description: 'A column of a dataset.' })
export class DatasetColumn {
  @Field(() => String, { description: 'Its name; `__label` is the label, `__held_out` the mark of held-out rows.' })
  name!: string;

  @Field(() => Dtype, { description: 'Type of its values.' })
  dtype!: rows.Dtype;
}

@ObjectType({
  implements: Node,
  description:
    'The immutable result of a point-in-time join: labels, and the features as they were known at their time.',
})
export class Dataset extends Node {
  @Field(() => String, { description: 'A name for people; it need not be unique.' })
  name!: string;

  @Field(() => DatasetStatus, { description: 'Whether it can be used.' })
  status!: rows.DatasetStatus;

  @Field(() => [String], { description: 'What to know before trusting it.' })
  warnings!: string[];

  @Field(() => Boolean, nullable('Whether the blocking quality rules of its views held; null until it is ready.'))
  qualityPassed!: boolean | null;

  @Field(() => Float, nullable('Rows; null until it is ready.'))
  rowCount!: number | null;

  @Field(() => Float, nullable('Rows that training may not see; null until it is ready.'))
  heldOutRowCount!: number | null;

  @Field(() => Float, nullable('Size of its file; null until it is ready.'))
  sizeBytes!: number | null;

  @Field(
    () => String,
    nullable(
      'SHA-256 of its definition and content: built again from the same rows, it is the same. Null until it is ready.',
    ),
  )
  fingerprint!: string | null;

  @Field(() => DateTime, nullable('The earliest timestamp of its rows.'))
  minEventTimestamp!: Date | null;

  @Field(() => DateTime, nullable('The latest timestamp of its rows.'))
  maxEventTimestamp!: Date | null;

  @Field(() => String, { description: 'Who asked for it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

export const DatasetConnection = connectionType('Dataset', () => Dataset);

@InputType({ description: 'The rows that a dataset is about, and what is to be predicted of them.' })
class DatasetLabelsInput {
  @Field(() => String, { description: 'Name of the view that has the label.' })
  view!: string;

  @Field(() => String, { description: 'A BOOL field of it. It is never a feature.' })
  field!: string;

  @Field(() => DateTime, nullable('Only rows from this eventTimestamp on, inclusive.'))
  from?: Date | null;

  @Field(() => DateTime, nullable('Only rows up to this eventTimestamp, inclusive.'))
  to?: Date | null;
}

@InputType({ description: 'How to divide rows into training and held-out ones.' })
class DatasetSplitInput {
  @Field(() => SplitStrategy, { description: 'By what.' })
  strategy!: rows.SplitStrategy;

  @Field(() => Float, { description: 'The share to hold out, between 0 and 1.', defaultValue: 0.25 })
  heldOutFraction!: number;

  @Field(() => Int, { description: 'The seed of STRATIFIED.', defaultValue: 42 })
  seed!: number;
}

@InputType({
  description:
    'A dataset to build. The rows of the label view are its rows; each feature is the value that was the newest one known at the row’s time.',
})
export class CreateDatasetInput {
  @Field(() => String, { description: 'A name for people.' })
  name!: string;

  @Field(() => String, { description: 'Name of the service whose features it takes; the current version.' })
  featureService!: string;

  @Field(() => DatasetLabelsInput, { description: 'Its rows and their label.' })
  labels!: DatasetLabelsInput;

  @Field(() => DatasetSplitInput, { description: 'Which rows are held out.' })
  split!: DatasetSplitInput;

  @Field(() => Boolean, {
    description:
      'Whether rows that their source came to know only after a label’s time (createdTimestamp) are left out. Where a view has no createdTimestamp the ' +
      'cutoff is off, and a warning says so.',
    defaultValue: true,
  })
  leakageCutoff!: boolean;

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The dataset, and the job that builds it.' })
export class CreateDatasetPayload extends MutationPayload {
  @Field(() => Dataset, nullable('BUILDING. Null when there are userErrors.'))
  dataset?: Dataset | null;

  @Field(() => DatasetJob, nullable('Null when there are userErrors.'))
  job?: DatasetJob | null;
}
