import { Field, Float, Int, ObjectType } from 'type-graphql';
import { nullable } from './nullable';

const THRESHOLD = 'The probability from which on the answer is yes at this point; null: it is always no.';

@ObjectType({ description: 'One point of a ROC.' })
class RocPoint {
  @Field(() => Float, { description: 'Share of the negatives that are answered with yes: the x axis.' })
  falsePositiveRate!: number;

  @Field(() => Float, { description: 'Share of the positives that are answered with yes: the y axis.' })
  truePositiveRate!: number;

  @Field(() => Float, nullable(THRESHOLD))
  threshold!: number | null;
}

@ObjectType({ description: 'One point of a precision-recall curve.' })
class PrecisionRecallPoint {
  @Field(() => Float, { description: 'Share of the positives that are answered with yes: the x axis.' })
  recall!: number;

  @Field(() => Float, { description: 'Share of positives among what is answered with yes: the y axis.' })
  precision!: number;

  @Field(() => Float, nullable(THRESHOLD))
  threshold!: number | null;
}

@ObjectType({ description: 'The held-out rows whose probabilities fall into one tenth of the range.' })
class CalibrationPoint {
  @Field(() => Float, { description: 'Their mean probability: the x axis.' })
  meanPredicted!: number;

  @Field(() => Float, { description: 'Share of positives among them: the y axis.' })
  observedRatio!: number;

  @Field(() => Int, { description: 'How many they are.' })
  rowCount!: number;
}

@ObjectType({ description: 'How a version did on the held-out rows of its training, ready to plot.' })
export class EvaluationCurves {
  @Field(() => Int, { description: 'Held-out rows.' })
  rowCount!: number;

  @Field(() => Int, { description: 'Positives among them.' })
  positiveCount!: number;

  @Field(() => Float, nullable('Area under the ROC of all rows; null where only one class occurs.'))
  auc!: number | null;

  @Field(() => Float, nullable('Average precision over all rows; null where no positive occurs.'))
  averagePrecision!: number | null;

  @Field(() => [RocPoint], { description: 'From (0, 0) to (1, 1), a few hundred points at most.' })
  roc!: RocPoint[];

  @Field(() => [PrecisionRecallPoint], { description: 'By recall, a few hundred points at most.' })
  precisionRecall!: PrecisionRecallPoint[];

  @Field(() => [CalibrationPoint], { description: 'By probability, ten points at most.' })
  calibration!: CalibrationPoint[];
}
