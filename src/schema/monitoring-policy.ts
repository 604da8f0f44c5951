import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'The threshold of one feature, in place of klThreshold.' })
class FeatureThreshold {
  @Field(() => String, { description: 'Name of the feature.' })
  feature!: string;

  @Field(() => Float, { description: 'Smallest KL divergence (nats) that counts.' })
  klThreshold!: number;
}

@InputType({ description: 'The threshold of one feature, in place of klThreshold.' })
class FeatureThresholdInput {
  @Field(() => String, { description: 'Name of the feature; one that a version does not have is left aside.' })
  feature!: string;

  @Field(() => Float, { description: 'Smallest KL divergence (nats) that counts.' })
  klThreshold!: number;
}

@ObjectType({ description: 'What counts as drift for a model.' })
export class MonitoringPolicy {
  @Field(() => Float, { description: 'Smallest KL divergence (nats) of a feature that counts.' })
  klThreshold!: number;

  @Field(() => Float, { description: 'Smallest Jensen–Shannon distance (nats) of the predictions that counts.' })
  jsThreshold!: number;

  @Field(() => Float, { description: 'Level of significance, corrected over the features.' })
  alpha!: number;

  @Field(() => Int, {
    description: 'With fewer predictions neither features nor predictions are judged: INSUFFICIENT_DATA.',
  })
  minimumRows!: number;

  @Field(() => Int, { description: 'With fewer outcomes the concept’s verdict is INSUFFICIENT_LABELS.' })
  minimumLabels!: number;

  @Field(
    () => Float,
    nullable('Share of the features that must drift before the features together do; null: any one is enough.'),
  )
  driftedShare!: number | null;

  @Field(() => [FeatureThreshold], { description: 'Thresholds of single features.' })
  featureThresholds!: readonly FeatureThreshold[];

  @Field(() => String, nullable('The feature by which the concept is looked at in segments; null: only as a whole.'))
  segmentFeature!: string | null;

  @Field(() => Int, nullable('How far back reports by the clock look; null: to the end of the report before.'))
  driftWindowSeconds!: number | null;

  @Field(() => Int, { description: 'Counts changes; 0 while it is the default one.' })
  revision!: number;

  @Field(() => String, nullable('Who set it last; null while it is the default one.'))
  updatedBy!: string | null;

  @Field(() => DateTime, nullable('When it was set last; null while it is the default one.'))
  updatedAt!: Date | null;
}

@InputType({
  description:
    'What shall count as drift. What is absent or null stays as it is, but for the schedule, which null takes away.',
})
export class SetMonitoringPolicyInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, nullable('The revision at which you read the policy; absent when it was never set.'))
  revision?: number | null;

  @Field(() => Float, nullable('Smallest KL divergence (nats) of a feature that counts; .1 by default.'))
  klThreshold?: number | null;

  @Field(
    () => Float,
    nullable('Smallest Jensen–Shannon distance (nats) of the predictions that counts; .1 by default.'),
  )
  jsThreshold?: number | null;

  @Field(() => Float, nullable('Level of significance; .05 by default.'))
  alpha?: number | null;

  @Field(
    () => Int,
    nullable('With fewer predictions neither features nor predictions are judged: INSUFFICIENT_DATA; 200 by default.'),
  )
  minimumRows?: number | null;

  @Field(() => Int, nullable('With fewer outcomes the concept’s verdict is INSUFFICIENT_LABELS; 100 by default.'))
  minimumLabels?: number | null;

  @Field(
    () => Float,
    nullable('Share of the features that must drift before the features together do; 0 for any one, as by default.'),
  )
  driftedShare?: number | null;

  @Field(() => [FeatureThresholdInput], nullable('Thresholds of single features; they replace all that were set.'))
  featureThresholds?: FeatureThresholdInput[] | null;

  @Field(() => String, nullable('The feature by which the concept is looked at in segments; the empty text for none.'))
  segmentFeature?: string | null;

  @Field(
    () => String,
    nullable(
      'When drift reports on the production version are made: five cron fields in UTC, or @hourly, @daily, @weekly or @monthly. Absent: as it is; null: only when asked for.',
    ),
  )
  driftSchedule?: string | null;

  @Field(
    () => Int,
    nullable(
      'How far back these look, at least 60. Absent: as it is; null: to the end of the report before, so that none is left out and none looked at twice.',
    ),
  )
  driftWindowSeconds?: number | null;
}

@ObjectType({ description: 'The policy as it is now.' })
export class SetMonitoringPolicyPayload extends MutationPayload {
  @Field(() => MonitoringPolicy, nullable('Null when there are userErrors.'))
  monitoringPolicy?: MonitoringPolicy | null;
}
