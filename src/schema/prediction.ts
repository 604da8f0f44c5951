import { ArgsType, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { FeatureStatus, Stage, Variant } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime, FeatureRow, FeatureValue } from './scalars';
import { MutationPayload, UserError } from './user-error';

@ObjectType({ description: 'One feature, as it was served to the model.' })
export class ServedFeature {
  @Field(() => String, { description: 'Its name in the feature service.' })
  name!: string;

  @Field(() => FeatureValue, nullable('Its value; null unless it is PRESENT.'))
  value!: rows.FeatureValue;

  @Field(() => FeatureStatus, { description: 'How the value came about.' })
  status!: rows.FeatureStatus;
}

@ObjectType({ description: 'What truly happened after a prediction.' })
export class PredictionOutcome {
  @Field(() => Boolean, { description: 'Whether it happened.' })
  outcome!: boolean;

  @Field(() => DateTime, { description: 'When it happened or was noticed.' })
  observedAt!: Date;

  @Field(() => DateTime, { description: 'When it was recorded here.' })
  recordedAt!: Date;
}

@ObjectType({ implements: Node, description: 'A prediction as it was served. Its id is what recordOutcomes takes.' })
export class Prediction extends Node {
  @Field(
    () => Variant,
    nullable('The part of the traffic that it belongs to; null for a version that was named and is not in production.'),
  )
  variant!: rows.Variant | null;

  @Field(() => FeatureRow, nullable('Join keys, where the features came from the online store.'))
  entity!: Record<string, rows.FeatureValue> | null;

  @Field(() => Float, { description: 'Probability of yes, from 0 to 1.' })
  probability!: number;

  @Field(() => Boolean, {
    description: 'The answer: whether the probability reaches the version’s decision threshold.',
  })
  label!: boolean;

  @Field(() => String, { description: 'SHA-256 over the values as served, in canonical JSON.' })
  featuresHash!: string;

  @Field(() => Float, { description: 'From the request to the answer, without the write to the log.' })
  latencyMs!: number;

  @Field(() => DateTime, { description: 'When it was made.' })
  predictedAt!: Date;
}

@ArgsType()
export class PredictionFilterArgs {
  @Field(() => Int, nullable('Only by the version of this number.'))
  version?: number | null;

  @Field(() => Variant, nullable('Only this part of the traffic.'))
  variant?: rows.Variant | null;

  @Field(
    () => FeatureRow,
    nullable('Only about the entity with these join keys, all of them. 12 and "12" are one key.'),
  )
  entity?: Record<string, rows.FeatureValue> | null;

  @Field(() => DateTime, nullable('Only those made at this moment or later.'))
  from?: Date | null;

  @Field(() => DateTime, nullable('Only those made before this moment.'))
  to?: Date | null;

  @Field(() => Boolean, nullable('true: only those whose outcome is known; false: only those whose outcome is not.'))
  hasOutcome?: boolean | null;
}

export const PredictionConnection = connectionType('Prediction', () => Prediction);

@InputType({ description: 'A question to a model about one entity or one row of features.' })
export class PredictInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(
    () => Int,
    nullable('Number of the version; the production version where neither version, stage nor alias is given.'),
  )
  version?: number | null;

  @Field(() => Stage, nullable('The highest version in this stage.'))
  stage?: rows.Stage | null;

  @Field(() => String, nullable('The version that this alias points to.'))
  alias?: string | null;

  @Field(
    () => FeatureRow,
    nullable('Join keys of the entity: its features come from the online store. Exactly one of entity and features.'),
  )
  entity?: Record<string, rows.FeatureValue> | null;

  @Field(() => FeatureRow, nullable('Every feature that the model takes, by name; null for what is not known.'))
  features?: Record<string, rows.FeatureValue> | null;

  @Field(
    () => FeatureRow,
    nullable('With entity: the request inputs of the feature service, by name; null for what is not known.'),
  )
  requestInputs?: Record<string, rows.FeatureValue> | null;
}

@InputType({ description: 'The same question about many entities or rows.' })
export class PredictBatchInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(
    () => Int,
    nullable('Number of the version; the production version where neither version, stage nor alias is given.'),
  )
  version?: number | null;

  @Field(() => Stage, nullable('The highest version in this stage.'))
  stage?: rows.Stage | null;

  @Field(() => String, nullable('The version that this alias points to.'))
  alias?: string | null;

  @Field(() => [FeatureRow], nullable('Join keys of up to 1,000 entities. Exactly one of entities and rows.'))
  entities?: Record<string, rows.FeatureValue>[] | null;

  @Field(() => [FeatureRow], nullable('Up to 1,000 rows of features.'))
  rows?: Record<string, rows.FeatureValue>[] | null;

  @Field(
    () => [FeatureRow],
    nullable('With entities: the request inputs of the feature service for each of them, in their order.'),
  )
  requestInputs?: Record<string, rows.FeatureValue>[] | null;
}

@ObjectType({ description: 'The prediction; it is in the log when you read this.' })
export class PredictPayload extends MutationPayload {
  @Field(() => Prediction, nullable('Null when there are userErrors.'))
  prediction?: Prediction | null;
}

@ObjectType({ description: 'The prediction for one row, or why there is none.' })
export class PredictionResult {
  @Field(() => Prediction, nullable('Null when there are errors.'))
  prediction!: Prediction | null;

  @Field(() => [UserError], { description: 'What is wrong with this row; the others are not touched by it.' })
  errors!: UserError[];
}

@ObjectType({ description: 'One result per row.' })
export class PredictBatchPayload extends MutationPayload {
  @Field(() => [PredictionResult], nullable('In the order of the rows.'))
  results?: PredictionResult[] | null;
}

@InputType({
  description:
    'What truly happened after one prediction, named by its id, or after predictions about an entity: model and entity, with at (the newest answer until ' +
    'then) or with from and to (all that were made in that time).',
})
class OutcomeInput {
  @Field(() => ID, nullable('Id of the prediction; then none of the next six.'))
  predictionId?: string | null;

  @Field(() => String, nullable('Name of the model that was asked about the entity.'))
  model?: string | null;

  @Field(() => FeatureRow, nullable('All join keys of the entity. 12 and "12" are one key.'))
  entity?: Record<string, rows.FeatureValue> | null;

  @Field(
    () => DateTime,
    nullable(
      'The newest PRIMARY or CANARY prediction about the entity at or before this moment, whichever version made it; of several in one millisecond the ' +
        'one with the greatest id, which is the first in the list of predictions.',
    ),
  )
  at?: Date | null;

  @Field(() => Float, nullable('With at: how many seconds older than it that prediction may be; any age where absent.'))
  horizonSeconds?: number | null;

  @Field(
    () => DateTime,
    nullable(
      'With to, instead of at: every prediction about the entity made from here on, of any variant and version.',
    ),
  )
  from?: Date | null;

  @Field(() => DateTime, nullable('End of that time; what is made at this moment is not part of it.'))
  to?: Date | null;

  @Field(() => Boolean, { description: 'Whether it happened.' })
  outcome!: boolean;

  @Field(() => DateTime, nullable('When it happened or was noticed; now where absent.'))
  observedAt?: Date | null;
}

@InputType({ description: 'What truly happened after predictions.' })
export class RecordOutcomesInput {
  @Field(() => [OutcomeInput], {
    description:
      'From 1 to 10,000. One that is recorded again replaces the former; two about one prediction in one request are refused.',
  })
  outcomes!: OutcomeInput[];
}

@ObjectType({ description: 'All outcomes were recorded, or none.' })
export class RecordOutcomesPayload extends MutationPayload {
  @Field(
    () => Int,
    nullable('How many predictions have their outcome by it; by from and to, one outcome may be that of many.'),
  )
  recordedCount?: number | null;
}
