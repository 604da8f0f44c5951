import { Field, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { FeatureDrift, PredictionDrift } from './drift-findings';
import { DriftVerdict } from './enums';
import { DateTime } from './scalars';

@ObjectType({
  description:
    'What a version has served lately, compared with its reference: from counts that are kept while serving, so that no log is read, no job is made and nothing is stored. Concept drift is left out, since it needs outcomes: runDriftReport looks at them.',
})
export class LiveDrift {
  @Field(() => DateTime, {
    description:
      'Predictions made from here on are in it. Windows are widened to whole minutes, and to whole hours or days where minutes are no longer kept (2 days; hours, 5 weeks).',
  })
  windowStart!: Date;

  @Field(() => DateTime, { description: 'Predictions made before this are in it.' })
  windowEnd!: Date;

  @Field(() => Int, { description: 'Held-out rows of the reference.' })
  referenceRowCount!: number;

  @Field(() => Int, { description: 'PRIMARY predictions of the window.' })
  currentRowCount!: number;

  @Field(() => Int, {
    description:
      'PRIMARY predictions of the window that could not be counted, because the reference profile could not be read when they were made.',
  })
  uncountedRowCount!: number;

  @Field(() => DriftVerdict, { description: 'The conclusion from features and predictions.' })
  verdict!: rows.DriftVerdict;

  @Field(() => [FeatureDrift], { description: 'Data drift, feature by feature.' })
  features!: FeatureDrift[];

  @Field(() => PredictionDrift, { description: 'Drift of the predictions.' })
  prediction!: PredictionDrift;
}
