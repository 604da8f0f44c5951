import { Field, Float, InputType, ObjectType } from 'type-graphql';
import { ColumnStatistics } from './column-statistics';
import { connectionType } from './connection';
import { FeatureQualityRule } from './feature-view';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'What became of one rule.' })
class FeatureQualityResult {
  @Field(() => FeatureQualityRule, { description: 'The rule as it was.' })
  rule!: FeatureQualityRule;

  @Field(() => Boolean, { description: 'Whether it holds.' })
  passed!: boolean;

  @Field(
    () => Float,
    nullable(
      'NOT_NULL_RATIO: the ratio; ROW_COUNT: the rows; RANGE and ALLOWED_VALUES: values that break it. Null where there are no rows.',
    ),
  )
  actual!: number | null;

  @Field(() => String, { description: 'The rule and what was found, for people.' })
  message!: string;

  @Field(() => [String], { description: 'Up to five rows that break it, as "key=value: field=value".' })
  examples!: readonly string[];
}

@ObjectType({
  implements: Node,
  description: 'A view’s newest rows, one per entity, judged by its rules at one moment.',
})
export class FeatureQualityReport extends Node {
  @Field(() => Boolean, { description: 'Whether every rule holds.' })
  passed!: boolean;

  @Field(() => Boolean, { description: 'Whether a blocking rule fails.' })
  blocked!: boolean;

  @Field(() => Float, { description: 'Entities that have a row.' })
  rowCount!: number;

  @Field(() => [FeatureQualityResult], { description: 'One per rule.' })
  results!: readonly FeatureQualityResult[];

  @Field(() => [ColumnStatistics], { description: 'One per field.' })
  statistics!: readonly ColumnStatistics[];

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;
}

export const FeatureQualityReportConnection = connectionType('FeatureQualityReport', () => FeatureQualityReport);

@InputType({ description: 'A view whose rules are to be evaluated.' })
export class RunFeatureQualityInput {
  @Field(() => String, { description: 'Name of the view.' })
  view!: string;
}

@ObjectType({ description: 'What was found.' })
export class RunFeatureQualityPayload extends MutationPayload {
  @Field(() => FeatureQualityReport, nullable('Null when there are userErrors. A rule that fails is not one.'))
  report?: FeatureQualityReport | null;
}

@ObjectType({ description: 'A quality report in which a rule fails, on its way to a listener.' })
export class FeatureQualityFailedEvent {
  @Field(() => String, { description: 'Subscribe with it as `after` to resume behind this event.' })
  cursor!: string;

  @Field(() => FeatureQualityReport, { description: 'The report.' })
  event!: FeatureQualityReport;
}
