import { Field, Float, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { Dtype } from './enums';
import { nullable } from './nullable';
import { DateTime } from './scalars';

@ObjectType({ description: 'A value below which a share of all values lies.' })
class Quantile {
  @Field(() => Float, { description: 'The share: .05, .25, .5, .75 or .95.' })
  probability!: number;

  @Field(() => Float, { description: 'The value, by linear interpolation.' })
  value!: number;
}

@ObjectType({ description: 'Bins of equal width: bin i is [edges[i], edges[i + 1]), the last one is closed.' })
class Histogram {
  @Field(() => [Float], { description: 'One more than there are bins.' })
  edges!: readonly number[];

  @Field(() => [Float], { description: 'Values in each bin.' })
  counts!: readonly number[];
}

@ObjectType({ description: 'A frequent value.' })
class TopValue {
  @Field(() => String, { description: 'The value as text.' })
  value!: string;

  @Field(() => Float, { description: 'How often it occurs.' })
  count!: number;
}

@ObjectType({
  description:
    'What a column holds. Figures that need numbers are null or empty for STRING and BOOL; those of a TIMESTAMP are in seconds since 1970.',
})
export class ColumnStatistics {
  @Field(() => String, { description: 'Name of the column.' })
  name!: string;

  @Field(() => Dtype, { description: 'Type of its values.' })
  dtype!: rows.Dtype;

  @Field(() => Float, { description: 'Rows, nulls included.' })
  count!: number;

  @Field(() => Float, { description: 'Nulls.' })
  nullCount!: number;

  @Field(() => Float, { description: 'Different values.' })
  distinctCount!: number;

  @Field(() => Float, nullable('The least value.'))
  min!: number | null;

  @Field(() => Float, nullable('The greatest value.'))
  max!: number | null;

  @Field(() => Float, nullable('The mean.'))
  mean!: number | null;

  @Field(() => Float, nullable('The sample’s standard deviation (divisor n − 1).'))
  stddev!: number | null;

  @Field(() => [Quantile], { description: 'Values that cut the column in shares.' })
  quantiles!: readonly Quantile[];

  @Field(() => Histogram, nullable('How the values are spread.'))
  histogram!: Histogram | null;

  @Field(() => [TopValue], { description: 'Up to ten values, most frequent first.' })
  topValues!: readonly TopValue[];

  @Field(
    () => DateTime,
    nullable('The newest event with a value that is not null, among the rows that were looked at; null for datasets.'),
  )
  newestEventTimestamp?: string | null;
}
