import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { TASK_TYPES } from '../entities';
import type * as rows from '../entities';
import { GATE_METRICS } from '../services/registry';
import { connectionType } from './connection';
import { TaskType } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { RuleComparison } from './registry-enums';
import { DateTime, JSONObject } from './scalars';
import { TagChangesInput } from './tag-changes';
import { MutationPayload } from './user-error';

const METRIC = TASK_TYPES.map((taskType) => `For ${taskType}: ${GATE_METRICS[taskType].join(', ')}.`).join(' ');

@ObjectType({ description: 'One thing that a submission must meet to become a version.' })
class QualityRule {
  @Field(() => String, { description: 'A metric of the held-out rows.' })
  metric!: string;

  @Field(() => RuleComparison, { description: 'On which side of the threshold the metric must be.' })
  comparison!: string;

  @Field(() => Float, nullable('The absolute bound; null for none.'))
  threshold!: number | null;

  @Field(
    () => Float,
    nullable('How much worse than production, on the same rows, is still accepted; null: production is not looked at.'),
  )
  maxRegression!: number | null;

  @Field(
    () => String,
    nullable('The feature by whose values the held-out rows are judged apart, each by the threshold; null: together.'),
  )
  segmentBy?: string | null;

  @Field(() => Int, nullable('Values with fewer held-out rows than these (null: than 50) are not judged.'))
  minimumSegmentRows?: number | null;
}

@ObjectType({ description: 'What the quality gate asks of submissions.' })
export class QualityPolicy {
  @Field(() => Int, { description: 'Fewer held-out rows are too few to judge by.' })
  minimumEvaluationRows!: number;

  @Field(() => [QualityRule], { description: 'All must be met.' })
  rules!: QualityRule[];

  @Field(() => [String], { description: 'Keys of tags that every new version has to carry, with a value.' })
  requiredTags!: string[];
}

@ObjectType({ description: 'A free name for a version, which can be moved to another.' })
export class ModelAlias {
  @Field(() => String, { description: 'The name, such as champion.' })
  alias!: string;

  @Field(() => String, { description: 'Who pointed it there.' })
  setBy!: string;

  @Field(() => DateTime, { description: 'When.' })
  setAt!: Date;
}

@ObjectType({ implements: Node, description: 'A model of a team: the line in which its versions stand.' })
export class Model extends Node {
  @Field(() => String, { description: 'Unique among models.' })
  name!: string;

  @Field(() => TaskType, { description: 'What it answers.' })
  taskType!: rows.TaskType;

  @Field(() => String, { description: 'What it is for; may be empty.' })
  description!: string;

  @Field(() => String, { description: 'Who answers for it.' })
  owner!: string;

  @Field(() => JSONObject, { description: 'Free names and values.' })
  tags!: Record<string, string>;

  @Field(() => Int, { description: 'Counts changes. Updates take the revision that they were read at.' })
  revision!: number;

  @Field(() => String, { description: 'Who created it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  updatedAt!: Date;

  @Field(() => DateTime, nullable('When it was deleted; null for all that the queries find by name.'))
  deletedAt!: Date | null;
}

export const ModelConnection = connectionType('Model', () => Model);

@InputType({ description: 'One thing that a submission must meet.' })
class QualityRuleInput {
  @Field(() => String, { description: METRIC })
  metric!: string;

  @Field(() => RuleComparison, { description: 'AT_LEAST for metrics that are better higher, AT_MOST for the others.' })
  comparison!: 'AT_LEAST' | 'AT_MOST';

  @Field(() => Float, nullable('The absolute bound.'))
  threshold: number | null = null;

  @Field(() => Float, nullable('How much worse than production, on the same rows, is still accepted.'))
  maxRegression: number | null = null;

  @Field(
    () => String,
    nullable(
      'A feature: the threshold is asked of the held-out rows of each of its values apart. Takes a threshold and no maxRegression.',
    ),
  )
  segmentBy: string | null = null;

  @Field(() => Int, nullable('Values with fewer held-out rows are not judged; where absent: with fewer than 50.'))
  minimumSegmentRows: number | null = null;
}

@InputType({ description: 'What the quality gate shall ask of submissions.' })
class QualityPolicyInput {
  @Field(() => Int, { description: 'Fewer held-out rows are too few to judge by.', defaultValue: 100 })
  minimumEvaluationRows!: number;

  @Field(() => [QualityRuleInput], { description: 'All must be met.' })
  rules!: QualityRuleInput[];

  @Field(() => [String], {
    description:
      'Keys of tags that every new version has to carry, with a value. What is not given is taken from the production version.',
    defaultValue: [],
  })
  requiredTags!: string[];
}

@InputType({ description: 'A new model.' })
export class CreateModelInput {
  @Field(() => String, { description: 'Unique; 1 to 128 letters, digits, ".", "_" or "-".' })
  name!: string;

  @Field(() => TaskType, { description: 'What it answers.', defaultValue: 'BINARY_CLASSIFICATION' })
  taskType!: rows.TaskType;

  @Field(() => String, nullable('What it is for.'))
  description?: string | null;

  @Field(() => String, nullable('Who answers for it; the caller where absent.'))
  owner?: string | null;

  @Field(() => JSONObject, nullable('Free names and values; values are texts.'))
  tags?: Record<string, string> | null;

  @Field(
    () => QualityPolicyInput,
    nullable(
      'What the quality gate asks. Where absent, by task type: auc at least .6, accuracy, or r2 at least 0, and not worse than production by more than .01.',
    ),
  )
  qualityPolicy?: QualityPolicyInput | null;

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@InputType({ description: 'A change of a model. What is absent or null stays as it is.' })
export class UpdateModelInput extends TagChangesInput {
  @Field(() => String, { description: 'Its name.' })
  model!: string;

  @Field(() => Int, { description: 'The revision at which you read it.' })
  revision!: number;

  @Field(() => String, nullable('A new name; the old one is free again.'))
  name?: string | null;

  @Field(() => String, nullable('What it is for.'))
  description?: string | null;

  @Field(() => String, nullable('Who answers for it.'))
  owner?: string | null;
}

@InputType({ description: 'A model to take out of sight, with its versions.' })
export class DeleteModelInput {
  @Field(() => String, { description: 'Its name, which is free afterwards.' })
  model!: string;

  @Field(() => Int, { description: 'The revision at which you read it.' })
  revision!: number;

  @Field(() => String, nullable('Why, for the audit trail.'))
  reason?: string | null;
}

@InputType({ description: 'A deleted model to bring back.' })
export class RestoreModelInput {
  @Field(() => ID, { description: 'Its id; deletedModels lists them.' })
  id!: string;

  @Field(() => String, nullable('A new name, where the old one was taken meanwhile.'))
  name?: string | null;
}

@InputType({ description: 'A new quality policy of a model.' })
export class SetQualityPolicyInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, { description: 'The revision at which you read the model.' })
  revision!: number;

  @Field(() => QualityPolicyInput, { description: 'Replaces the one it has.' })
  qualityPolicy!: QualityPolicyInput;
}

@ObjectType({ description: 'The model as it is now.' })
export class ModelPayload extends MutationPayload {
  @Field(() => Model, nullable('Null when there are userErrors.'))
  model?: Model | null;
}
