import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { Algorithm, JobStatus, RunTrigger } from './enums';
import { TrainingJob } from './job';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'How much a feature matters to a model.' })
export class FeatureImportance {
  @Field(() => String, { description: 'Name of the feature.' })
  feature!: string;

  @Field(() => Float, { description: 'Its share; those of all features add up to 1.' })
  share!: number;
}

@ObjectType({ implements: Node, description: 'One training of one model on one dataset.' })
export class TrainingRun extends Node {
  @Field(() => JobStatus, { description: 'How far it has come.' })
  status!: rows.JobStatus;

  @Field(() => Algorithm, { description: 'How it learns.' })
  algorithm!: rows.Algorithm;

  @Field(() => Int, { description: 'The same dataset, parameters and seed give the same model, byte for byte.' })
  seed!: number;

  @Field(() => RunTrigger, { description: 'Who or what started it.' })
  trigger!: rows.RunTrigger;

  @Field(() => String, { description: 'Who started it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, nullable('When it began.'))
  startedAt!: Date | null;

  @Field(() => DateTime, nullable('When it ended.'))
  finishedAt!: Date | null;
}

export const TrainingRunConnection = connectionType('TrainingRun', () => TrainingRun);

@InputType({
  description:
    'What may be chosen of a training; the rest are defaults. Names that the algorithm does not have are refused.',
})
class TrainingParametersInput {
  @Field(() => Int, nullable('Most trees, 1 to 1,000; early stopping keeps fewer.'))
  iterations?: number | null;

  @Field(() => Float, nullable('Share of each tree’s correction that is taken, .001 to 1.'))
  learningRate?: number | null;

  @Field(() => Int, nullable('Leaves of a tree, 2 to 255.'))
  numLeaves?: number | null;

  @Field(() => Float, nullable('L2 penalty, for both algorithms.'))
  l2?: number | null;

  @Field(() => Int, nullable('Fewest rows in a leaf.'))
  minRowsPerLeaf?: number | null;

  @Field(() => Float, nullable('Share of the training rows on which early stopping watches the loss, 0 to .5.'))
  validationShare?: number | null;

  @Field(() => Int, nullable('Trees without a better loss before it stops.'))
  patience?: number | null;
}

@InputType({ description: 'A training to start.' })
export class StartTrainingInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => ID, { description: 'A dataset that is READY.' })
  datasetId!: string;

  @Field(() => Algorithm, { description: 'How it shall learn.', defaultValue: 'GRADIENT_BOOSTING' })
  algorithm!: rows.Algorithm;

  @Field(() => TrainingParametersInput, nullable('What differs from the defaults.'))
  parameters?: TrainingParametersInput | null;

  @Field(() => Int, { description: 'For whatever is random in it.', defaultValue: 42 })
  seed!: number;

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The run, which its job carries out.' })
export class StartTrainingPayload extends MutationPayload {
  @Field(() => TrainingRun, nullable('Null when there are userErrors.'))
  trainingRun?: TrainingRun | null;

  @Field(() => TrainingJob, nullable('Follow it with job or jobProgressed.'))
  job?: TrainingJob | null;
}
