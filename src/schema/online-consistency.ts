import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { OnlineOutcome } from './feature-enums';
import { nullable } from './nullable';
import { DateTime, FeatureRow, type FeatureRowValue } from './scalars';

@ArgsType()
export class OnlineConsistencyArgs {
  @Field(() => String, { description: 'Name of the view; its current version is looked at.' })
  view!: string;

  @Field(() => Int, { description: 'How many entities are looked at, at most: 1 to 10,000.', defaultValue: 1000 })
  sample!: number;

  @Field(() => Int, { description: 'Another one chooses other entities.', defaultValue: 0 })
  seed!: number;
}

@ObjectType({ description: 'How many entities had an outcome.' })
export class OnlineOutcomeCount {
  @Field(() => OnlineOutcome, { description: 'The outcome.' })
  outcome!: rows.OnlineOutcome;

  @Field(() => Int, { description: 'Entities.' })
  count!: number;
}

@ObjectType({ description: 'An entity whose online row is not equal to its newest offline row.' })
export class OnlineConsistencyExample {
  @Field(() => OnlineOutcome, { description: 'What was found.' })
  outcome!: rows.OnlineOutcome;

  @Field(() => FeatureRow, { description: 'Its join keys.' })
  entity!: FeatureRowValue;

  @Field(() => DateTime, nullable('Of the offline row that was compared with; null where there is none.'))
  offlineEventTimestamp!: string | null;

  @Field(() => DateTime, nullable('Of the online row; null where there is none.'))
  onlineEventTimestamp!: string | null;

  @Field(() => [String], { description: 'Fields of the same row with other values.' })
  differingFields!: readonly string[];
}

@ObjectType({
  description: 'What a sample of a view’s entities has in the online store, held against the offline store.',
})
export class OnlineConsistency {
  @Field(() => Int, { description: 'Entities that were looked at.' })
  sampledCount!: number;

  @Field(() => DateTime, nullable('Up to when the online store should have the rows; null: it was never materialized.'))
  materializedThrough!: Date | null;

  @Field(() => [OnlineConsistencyExample], { description: 'Up to 20 that are not EQUAL, the PENDING last.' })
  examples!: readonly OnlineConsistencyExample[];
}
