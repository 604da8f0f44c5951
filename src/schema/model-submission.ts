import { Field, Float, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { SubmissionStatus } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { CheckKind } from './registry-enums';
import { DateTime } from './scalars';

@ObjectType({ description: 'A figure by which a model is judged.' })
export class Metric {
  @Field(() => String, { description: 'auc, f1, logLoss, …' })
  name!: string;

  @Field(() => String, { description: 'The rows it was measured on: held_out is what the quality gate looks at.' })
  split!: string;

  @Field(() => Float, { description: 'The figure.' })
  value!: number;

  @Field(() => Int, nullable('The step of training at which it was measured, where there are steps.'))
  step?: number | null;
}

@ObjectType({ description: 'The held-out rows that have one value of a feature.' })
class RowSegment {
  @Field(() => String, { description: 'The feature.' })
  feature!: string;

  @Field(() => String, { description: 'Its value, as text.' })
  value!: string;
}

@ObjectType({ description: 'One question of the quality gate, with its answer.' })
class QualityCheck {
  @Field(() => CheckKind, { description: 'Whether it looks at data or model.' })
  kind!: string;

  @Field(() => String, { description: 'The metric, or what else is looked at.' })
  name!: string;

  @Field(() => RowSegment, nullable('The rows that were looked at; null: all held-out rows.'))
  segment?: RowSegment | null;

  @Field(() => String, { description: 'What was asked, in words.' })
  rule!: string;

  @Field(() => Float, nullable('The bound of the rule.'))
  threshold!: number | null;

  @Field(() => Float, nullable('The candidate’s figure; null where it was not measured.'))
  actual!: number | null;

  @Field(() => Float, nullable('Production’s figure on the same rows, where the rule compares.'))
  baseline!: number | null;

  @Field(() => Boolean, { description: 'The answer.' })
  passed!: boolean;

  @Field(() => String, { description: 'The answer in words.' })
  message!: string;
}

@ObjectType({
  implements: Node,
  description:
    'What was offered to the quality gate, with its evaluation. A rejected one stays, and uses no version number.',
})
export class ModelSubmission extends Node {
  @Field(() => SubmissionStatus, { description: 'What the gate said.' })
  status!: rows.SubmissionStatus;

  @Field(() => [QualityCheck], { description: 'Every question that the gate asked, passed or not.' })
  checks!: rows.QualityCheck[];

  @Field(() => String, { description: 'Who submitted it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was judged.' })
  createdAt!: Date;
}

export const ModelSubmissionConnection = connectionType('ModelSubmission', () => ModelSubmission);
