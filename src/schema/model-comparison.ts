import { Field, Float, Int, ObjectType } from 'type-graphql';
import { ModelVersion } from './model-version';
import { nullable } from './nullable';

@ObjectType({ description: 'One metric of several versions.' })
class MetricComparison {
  @Field(() => String, { description: 'auc, f1, logLoss, …' })
  name!: string;

  @Field(() => String, { description: 'The rows it was measured on.' })
  split!: string;

  @Field(() => [Float], {
    nullable: 'items',
    description: 'In the order of the versions; null where a version lacks the metric.',
  })
  values!: (number | null)[];

  @Field(
    () => Int,
    nullable('Index of the best value; null where there is nothing to choose, or no better side is known.'),
  )
  bestIndex!: number | null;
}

@ObjectType({ description: 'One training parameter of several versions.' })
class ParamComparison {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => [String], {
    nullable: 'items',
    description: 'In the order of the versions; null where a version lacks it.',
  })
  values!: (string | null)[];

  @Field(() => Boolean, { description: 'Whether the versions differ in it.' })
  differ!: boolean;
}

@ObjectType({ description: 'Versions side by side.' })
export class ModelComparison {
  @Field(() => [ModelVersion], { description: 'In the order that was asked for.' })
  versions!: ModelVersion[];

  @Field(() => [MetricComparison], { description: 'By name.' })
  metrics!: MetricComparison[];

  @Field(() => [ParamComparison], { description: 'By name.' })
  params!: ParamComparison[];
}
