import { ArgsType, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { ConnectionArgs } from './connection';
import { AlertKind, AlertOutcome, AlertSeverity, DriftPart, QualitySeverity } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { RuleComparison } from './registry-enums';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'Drift in any of these parts of a drift report. Each report is a window.' })
@InputType('DriftConditionInput', {
  description: 'Drift in any of these parts of a drift report. Each report is a window.',
})
export class DriftCondition {
  @Field(() => [DriftPart], { description: 'What is looked at.' })
  parts!: rows.DriftPart[];

  @Field(() => String, nullable('Of FEATURE only this one; null: any.'))
  feature?: string | null;
}

@ObjectType({ description: 'What a metric of predictions whose outcome is known shall keep to.' })
@InputType('PerformanceConditionInput', {
  description: 'What a metric of predictions whose outcome is known shall keep to.',
})
export class PerformanceCondition {
  @Field(() => String, { description: 'As in quality policies: auc, logLoss, brier, accuracy, precision, recall, f1.' })
  metric!: string;

  @Field(() => RuleComparison, { description: 'On which side of the threshold it shall be.' })
  comparison!: 'AT_LEAST' | 'AT_MOST';

  @Field(() => Float, {
    description: 'It is broken where the whole 95 % confidence interval lies beyond, not only the figure.',
  })
  threshold!: number;

  @Field(() => Int, { description: 'A window with fewer outcomes cannot be judged.', defaultValue: 100 })
  minimumLabels!: number;

  @Field(() => Int, {
    description: 'How long after its end a window is judged, so that outcomes have time to come.',
    defaultValue: 0,
  })
  labelDelaySeconds!: number;
}

@ObjectType({ description: 'Failed quality rules of the views behind the model’s feature service.' })
@InputType('QualityConditionInput', {
  description: 'Failed quality rules of the views behind the model’s feature service.',
})
export class QualityCondition {
  @Field(() => QualitySeverity, { description: 'BLOCK: rules that block only; WARN: any.' })
  severity!: rows.QualitySeverity;
}

@ObjectType({ description: 'A quantile of the latency of requests that is too great.' })
@InputType('LatencyConditionInput', { description: 'A quantile of the latency of requests that is too great.' })
export class LatencyCondition {
  @Field(() => Float, { description: 'Greater than 0, at most 1; .95 is usual.' })
  quantile!: number;

  @Field(() => Float, {
    description: 'In ms. The quantile is interpolated between bounds that are 19 % apart, from .25 ms to a minute.',
  })
  thresholdMs!: number;

  @Field(() => Int, { description: 'A window with fewer requests cannot be judged.', defaultValue: 20 })
  minimumRequests!: number;
}

@ObjectType({ description: 'Too great a share of rows that were asked for and got no prediction.' })
@InputType('ErrorRatioConditionInput', {
  description: 'Too great a share of rows that were asked for and got no prediction, whatever the reason.',
})
export class ErrorRatioCondition {
  @Field(() => Float, { description: 'A greater share breaks the rule; .01 is 1 %.' })
  threshold!: number;

  @Field(() => Int, { description: 'A window with fewer rows cannot be judged.', defaultValue: 20 })
  minimumRows!: number;
}

@ObjectType({ description: 'Too few or too many predictions in a window.' })
@InputType('VolumeConditionInput', {
  description: 'Too few or too many predictions in a window. One of the two or both.',
})
export class VolumeCondition {
  @Field(() => Int, nullable('Fewer break the rule; 1: a window without any.'))
  below?: number | null;

  @Field(() => Int, nullable('More break the rule.'))
  above?: number | null;
}

@ObjectType({ description: 'How many windows confirm an alert.' })
@InputType('ConfirmationInput', { description: 'How many windows confirm an alert.' })
export class Confirmation {
  @Field(() => Int, { description: 'So many windows that break the rule …' })
  required!: number;

  @Field(() => Int, { description: '… of the last so many that could be judged, up to 24.' })
  of!: number;
}

@ObjectType({
  implements: Node,
  description:
    'What raises alerts of a model. It judges the production version: by windows that follow one another, complete ones only, beginning at multiples of their length (UTC); on drift by reports. ' +
    'One alert is open at a time for each rule and version. A model without a rule of kind DRIFT has an alert of any drift: WARNING, CRITICAL for the concept.',
})
export class AlertRule extends Node {
  @Field(() => String, { description: 'Unique within the model.' })
  name!: string;

  @Field(() => AlertKind, { description: 'What it is about.' })
  kind!: rows.AlertKind;

  @Field(() => DriftCondition, nullable('Of kind DRIFT.'))
  drift?: DriftCondition | null;

  @Field(() => PerformanceCondition, nullable('Of kind PERFORMANCE.'))
  performance?: PerformanceCondition | null;

  @Field(() => QualityCondition, nullable('Of kind QUALITY.'))
  quality?: QualityCondition | null;

  @Field(() => LatencyCondition, nullable('Of kind LATENCY.'))
  latency?: LatencyCondition | null;

  @Field(() => ErrorRatioCondition, nullable('Of kind ERROR_RATIO.'))
  errorRatio?: ErrorRatioCondition | null;

  @Field(() => VolumeCondition, nullable('Of kind VOLUME.'))
  volume?: VolumeCondition | null;

  @Field(() => AlertSeverity, { description: 'Of its alerts.' })
  severity!: rows.AlertSeverity;

  @Field(() => Int, nullable('Length of a window; null for DRIFT: the windows are those of the reports.'))
  windowSeconds!: number | null;

  @Field(() => Int, {
    description:
      'A breach within so long after an alert was resolved opens it again, and needs no other to confirm it; 0: it never does, and confirmed breaches are a new alert.',
  })
  reopenWithinSeconds!: number;

  @Field(() => Boolean, { description: 'Whether `confirmation.of` clean windows in a row resolve the alert.' })
  autoResolve!: boolean;

  @Field(() => Boolean, { description: 'A rule that is off judges nothing.' })
  enabled!: boolean;

  @Field(() => Int, { description: 'Counts changes. Setting it takes the revision that it was read at.' })
  revision!: number;

  @Field(() => String, { description: 'Who made it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => String, { description: 'Who set it last.' })
  updatedBy!: string;

  @Field(() => DateTime, { description: 'When it was set last.' })
  updatedAt!: Date;

  @Field(() => DateTime, nullable('When it was deleted; its alerts lead to it still.'))
  deletedAt!: Date | null;
}

@ObjectType({ description: 'What came of a rule in one window.' })
export class AlertEvaluation {
  @Field(() => DateTime, { description: 'Where the window begins.' })
  windowStart!: Date;

  @Field(() => DateTime, { description: 'Where it ends, itself not in it.' })
  windowEnd!: Date;

  @Field(() => AlertOutcome, { description: 'What came of it.' })
  outcome!: rows.AlertOutcome;

  @Field(() => Float, nullable('What was measured, in the unit of the rule’s threshold; null where nothing could be.'))
  value!: number | null;

  @Field(() => Float, nullable('What it was held against.'))
  threshold!: number | null;

  @Field(() => String, { description: 'What was seen, or why the window could not be judged.' })
  reason!: string;

  @Field(() => DateTime, { description: 'When it was judged.' })
  createdAt!: Date;
}

export const AlertEvaluationConnection = connectionType('AlertEvaluation', () => AlertEvaluation);

@ArgsType()
export class AlertEvaluationArgs extends ConnectionArgs {
  @Field(() => ID, { description: 'Id of the rule.' })
  rule!: string;
}

@InputType({
  description:
    'A rule. Exactly one condition makes its kind. Of a rule that exists, what is absent or null stays as it is.',
})
export class SetAlertRuleInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => String, { description: 'Name of the rule: letters, digits, spaces, ".", "_", "-"; up to 100.' })
  name!: string;

  @Field(() => Int, nullable('The revision at which you read the rule; absent where it is new.'))
  revision?: number | null;

  @Field(() => DriftCondition, nullable('Kind DRIFT.'))
  drift?: DriftCondition | null;

  @Field(() => PerformanceCondition, nullable('Kind PERFORMANCE.'))
  performance?: PerformanceCondition | null;

  @Field(() => QualityCondition, nullable('Kind QUALITY.'))
  quality?: QualityCondition | null;

  @Field(() => LatencyCondition, nullable('Kind LATENCY.'))
  latency?: LatencyCondition | null;

  @Field(() => ErrorRatioCondition, nullable('Kind ERROR_RATIO.'))
  errorRatio?: ErrorRatioCondition | null;

  @Field(() => VolumeCondition, nullable('Kind VOLUME.'))
  volume?: VolumeCondition | null;

  @Field(() => AlertSeverity, nullable('Of its alerts; WARNING by default.'))
  severity?: rows.AlertSeverity | null;

  @Field(() => Int, nullable('Length of a window, a multiple of 60 up to a week; all kinds but DRIFT need it.'))
  windowSeconds?: number | null;

  @Field(() => Confirmation, nullable('How many windows confirm an alert; 1 of 1 by default.'))
  confirmation?: Confirmation | null;

  @Field(
    () => Int,
    nullable('A breach within so long after the alert was resolved opens it again; 0 by default: never.'),
  )
  reopenWithinSeconds?: number | null;

  @Field(() => Boolean, nullable('Whether clean windows resolve the alert; false by default.'))
  autoResolve?: boolean | null;

  @Field(() => Boolean, nullable('Whether it judges; true by default.'))
  enabled?: boolean | null;
}

@InputType({ description: 'A rule to delete.' })
export class DeleteAlertRuleInput {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => Int, { description: 'The revision at which you read it.' })
  revision!: number;
}

@ObjectType({ description: 'The rule as it is now.' })
export class AlertRulePayload extends MutationPayload {
  @Field(() => AlertRule, nullable('Null when there are userErrors.'))
  alertRule?: AlertRule | null;
}
