import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { TriggerDecision, TriggerKind } from './enums';
import { ModelVersion } from './model-version';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'When a retrained version takes production’s place.' })
class PromotionCriteria {
  @Field(() => Boolean, { description: 'false: a version that passes the gate waits in STAGING for a person.' })
  automatic!: boolean;

  @Field(() => String, {
    description: 'The metric by which it is compared with production, on the same held-out rows.',
  })
  metric!: string;

  @Field(() => Float, { description: 'How much better it must be, in the metric’s unit.' })
  minimumImprovement!: number;

  @Field(() => Int, { description: 'With fewer rows to compare on it is not promoted.' })
  minimumHeldOutRows!: number;
}

@ObjectType({ description: 'When a model is retrained, and when the result is promoted.' })
export class RetrainingPolicy {
  @Field(() => Boolean, { description: 'Whether drift of the production version retrains it.' })
  onDrift!: boolean;

  @Field(() => Float, { description: 'No retraining sooner than this after the last one.' })
  cooldownSeconds!: number;

  @Field(() => Float, nullable('How far back labelled rows are taken; null: all.'))
  lookbackSeconds!: number | null;

  @Field(() => PromotionCriteria, { description: 'When the result is promoted.' })
  promotion!: PromotionCriteria;

  @Field(() => Boolean, { description: 'Whether triggers are evaluated without firing.' })
  paused!: boolean;

  @Field(() => Int, { description: 'Counts changes.' })
  revision!: number;

  @Field(() => String, { description: 'Who changed it last.' })
  updatedBy!: string;

  @Field(() => DateTime, { description: 'When it was changed last.' })
  updatedAt!: Date;
}

@ObjectType({ description: 'One metric of the new version and of production, on the same held-out rows.' })
class MetricOnHeldOutRows {
  @Field(() => String, { description: 'Name of the metric.' })
  metric!: string;

  @Field(() => Float, { description: 'Production’s figure.' })
  production!: number;

  @Field(() => Float, { description: 'The new version’s figure.' })
  challenger!: number;
}

@ObjectType({ description: 'What came of a retraining.' })
export class RetrainingOutcome {
  @Field(() => Boolean, { description: 'Whether the new version took production’s place.' })
  promoted!: boolean;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => Int, { description: 'Held-out rows on which both were compared.' })
  comparedRowCount!: number;

  @Field(() => [MetricOnHeldOutRows], { description: 'Metric by metric.' })
  comparison!: MetricOnHeldOutRows[];

  @Field(() => ModelVersion, nullable('The new version; null when there is none.'))
  modelVersion!: ModelVersion | null;
}

@ObjectType({ implements: Node, description: 'One look of a trigger at a model. Every one is kept.' })
export class TriggerEvaluation extends Node {
  @Field(() => TriggerKind, { description: 'What caused it.' })
  trigger!: rows.TriggerKind;

  @Field(() => TriggerDecision, { description: 'What it came to.' })
  decision!: rows.TriggerDecision;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => DateTime, { description: 'When.' })
  createdAt!: Date;
}

export const TriggerEvaluationConnection = connectionType('TriggerEvaluation', () => TriggerEvaluation);

@InputType({ description: 'When a retrained version shall take production’s place.' })
class PromotionCriteriaInput {
  @Field(() => Boolean, { description: 'false: it waits in STAGING for a person.', defaultValue: true })
  automatic!: boolean;

  @Field(() => String, {
    description: 'auc, accuracy, precision, recall, f1, logLoss or brier.',
    defaultValue: 'logLoss',
  })
  metric!: string;

  @Field(() => Float, { description: 'How much better it must be, in the metric’s unit.', defaultValue: 0 })
  minimumImprovement!: number;

  @Field(() => Int, { description: 'With fewer rows to compare on it is not promoted.', defaultValue: 100 })
  minimumHeldOutRows!: number;
}

@InputType({ description: 'When a model shall be retrained.' })
export class SetRetrainingPolicyInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, nullable('The revision at which you read the policy; absent when it was never set.'))
  revision?: number | null;

  @Field(() => Boolean, { description: 'Whether drift of the production version retrains it.' })
  onDrift!: boolean;

  @Field(() => Float, { description: 'No retraining sooner than this after the last one.', defaultValue: 3600 })
  cooldownSeconds!: number;

  @Field(() => Float, nullable('How far back labelled rows are taken; all where absent.'))
  lookbackSeconds: number | null = null;

  @Field(() => PromotionCriteriaInput, { description: 'When the result is promoted.', defaultValue: {} })
  promotion!: PromotionCriteriaInput;
}

@InputType({ description: 'A model whose retraining is paused or resumed.' })
export class RetrainingModelInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;
}

@ObjectType({ description: 'The policy as it is now.' })
export class RetrainingPolicyPayload extends MutationPayload {
  @Field(() => RetrainingPolicy, nullable('Null when there are userErrors.'))
  retrainingPolicy?: RetrainingPolicy | null;
}
