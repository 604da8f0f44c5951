import { Field, Float, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { LINEAGE_FACTS } from '../services/registry';
import { enumType } from './enum-type';
import { ScalarDtype } from './enums';
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

  @Field(() => [Float], {
    nullable: 'items',
    description: 'Each value minus that of the baseline version; null where either lacks the metric.',
  })
  deltas!: (number | null)[];

  @Field(() => Boolean, nullable('Whether more of it is better; null where that is not known.'))
  higherIsBetter!: boolean | null;

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

@ObjectType({ description: 'One input of the signatures of several versions.' })
class InputComparison {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => [ScalarDtype], {
    nullable: 'items',
    description: 'Its types in the order of the versions; null where a version does not take it.',
  })
  dtypes!: (rows.ScalarDtype | null)[];

  @Field(() => Boolean, { description: 'Whether the versions differ in it.' })
  differ!: boolean;
}

const LineageFact = enumType('LineageFact', LINEAGE_FACTS, 'What a version was made from.', {
  DATASET: 'The dataset that it was trained on.',
  DATASET_FINGERPRINT: 'The fingerprint of that dataset: equal ones have equal rows.',
  FEATURE_SERVICE_VERSION: 'The feature service version that feeds it.',
  TRAINING_RUN: 'The run that trained it.',
  CODE_COMMIT: 'The commit of the code that made it.',
});

@ObjectType({ description: 'Where several versions come from, by one kind of origin.' })
export class LineageComparison {
  @Field(() => LineageFact, { description: 'Of what kind.' })
  fact!: string;

  @Field(() => Boolean, { description: 'Whether the versions differ in it.' })
  differ!: boolean;
}

@ObjectType({ description: 'Versions side by side.' })
export class ModelComparison {
  @Field(() => [ModelVersion], { description: 'In the order that was asked for.' })
  versions!: ModelVersion[];

  @Field(() => Int, { description: 'Index of the version that deltas are against.' })
  baselineIndex!: number;

  @Field(() => [MetricComparison], { description: 'By name.' })
  metrics!: MetricComparison[];

  @Field(() => [ParamComparison], { description: 'By name.' })
  params!: ParamComparison[];

  @Field(() => [InputComparison], { description: 'What the versions take, by name.' })
  signature!: InputComparison[];

  @Field(() => [LineageComparison], { description: 'What the versions were made from.' })
  lineage!: LineageComparison[];
}
