import { Field, Float, InputType, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { ColumnStatistics } from './column-statistics';
import { connectionType } from './connection';
import { FeatureQualityRule } from './feature-view';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime, FeatureRow, type FeatureRowValue, FeatureValue } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'A row that breaks a rule.' })
class FeatureQualityExample {
  @Field(() => FeatureRow, { description: 'Its join keys.' })
  joinKeys!: FeatureRowValue;

  @Field(() => DateTime, { description: 'Its event time, to the microsecond.' })
  eventTimestamp!: string;

  @Field(() => FeatureValue, nullable('Its value of the field; for UNIQUE without a field, how many rows there are.'))
  value!: rows.FeatureValue;
}

@ObjectType({ description: 'What became of one rule.' })
export class FeatureQualityResult {
  @Field(() => FeatureQualityRule, { description: 'The rule as it was.' })
  rule!: FeatureQualityRule;

  @Field(() => Boolean, { description: 'Whether it holds.' })
  passed!: boolean;

  @Field(
    () => Float,
    nullable(
      'NOT_NULL_RATIO: the ratio; ROW_COUNT: the rows; FRESHNESS: seconds; DRIFT: the measure; else the rows that break it. Null where there is nothing ' +
        'to look at.',
    ),
  )
  actual!: number | null;

  @Field(() => String, { description: 'The rule and what was found, for people.' })
  message!: string;

  @Field(() => Float, { description: 'Rows that it looked at: those with a value, for rules about values.' })
  checkedRowCount!: number;

  @Field(
    () => Float,
    nullable('Those of them that break it; null for ROW_COUNT, FRESHNESS and DRIFT, which no single row breaks.'),
  )
  failingRowCount!: number | null;

  @Field(() => [FeatureQualityExample], {
    description: 'When it fails, up to five of the rows that break it, in the order of their keys.',
  })
  examples!: readonly FeatureQualityExample[];
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
