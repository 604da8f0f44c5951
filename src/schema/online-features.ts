import { Field, Float, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { FeatureStatus } from './enums';
import { nullable } from './nullable';
import { DateTime, FeatureRow, type FeatureRowValue, FeatureValue } from './scalars';

@ObjectType({ description: 'A feature of an entity as it is now.' })
export class OnlineFeatureValue {
  @Field(() => String, { description: 'Name of the feature in its service.' })
  name!: string;

  @Field(() => FeatureValue, nullable('Null unless the status is PRESENT.'))
  value!: rows.FeatureValue;

  @Field(() => FeatureStatus, { description: 'How the value came about.' })
  status!: rows.FeatureStatus;

  @Field(() => DateTime, nullable('When it was true; null when nothing was found.'))
  eventTimestamp!: Date | null;

  @Field(() => Float, nullable('How long ago that was.'))
  ageSeconds!: number | null;
}

@ObjectType({ description: 'The features of one entity.' })
export class OnlineFeatureRow {
  @Field(() => FeatureRow, { description: 'The join keys as they were given.' })
  entity!: FeatureRowValue;

  @Field(() => [OnlineFeatureValue], { description: 'In the order of the service.' })
  values!: readonly OnlineFeatureValue[];
}
