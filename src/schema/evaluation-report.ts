import { Field, Float, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { TaskType } from './enums';
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

@ObjectType({
  description: 'The held-out rows whose probabilities fall into one part of the range, a tenth for trainings here.',
})
class CalibrationPoint {
  @Field(() => Float, { description: 'Their mean probability: the x axis.' })
  meanPredicted!: number;

  @Field(() => Float, { description: 'Share of positives among them: the y axis.' })
  observedRatio!: number;

  @Field(() => Int, { description: 'How many they are.' })
  rowCount!: number;
}

@ObjectType({ description: 'A figure on the rows of an evaluation report or of a segment.' })
export class EvaluationMetric {
  @Field(() => String, { description: 'auc, f1Macro, rmse, …' })
  name!: string;

  @Field(() => Float, { description: 'The figure.' })
  value!: number;
}

@ObjectType({ description: 'The held-out rows that have one value of one feature.' })
export class SegmentEvaluation {
  @Field(() => String, { description: 'The feature.' })
  feature!: string;

  @Field(() => String, { description: 'Its value, as text; `(null)` for the rows that have none.' })
  value!: string;

  @Field(() => Int, { description: 'How many rows they are.' })
  rowCount!: number;
}

@ObjectType({ description: 'How answers and outcomes met, at the decision threshold.' })
class BinaryConfusionMatrix {
  @Field(() => Int, { description: 'Positives that were answered with yes.' })
  truePositives!: number;

  @Field(() => Int, { description: 'Negatives that were answered with yes.' })
  falsePositives!: number;

  @Field(() => Int, { description: 'Negatives that were answered with no.' })
  trueNegatives!: number;

  @Field(() => Int, { description: 'Positives that were answered with no.' })
  falseNegatives!: number;
}

/** What is shown of one class against the rest, and of two classes. */
@ObjectType()
abstract class ClassifierCurves {
  @Field(() => Float, nullable('Area under the ROC of all rows; null where only one class occurs.'))
  auc!: number | null;

  @Field(() => Float, nullable('Average precision over all rows; null where no positive occurs.'))
  averagePrecision!: number | null;

  @Field(() => [RocPoint], {
    description: 'From (0, 0) to (1, 1), a few hundred points for trainings here; empty where only one class occurs.',
  })
  roc!: RocPoint[];

  @Field(() => [PrecisionRecallPoint], {
    description: 'By recall, a few hundred points for trainings here; empty where no positive occurs.',
  })
  precisionRecall!: PrecisionRecallPoint[];

  @Field(() => [CalibrationPoint], { description: 'By probability, ten points for trainings here.' })
  calibration!: CalibrationPoint[];
}

@ObjectType({ description: 'What is shown of a binary classifier.' })
export class BinaryEvaluation extends ClassifierCurves {
  @Field(() => Int, { description: 'Positives among the rows.' })
  positiveCount!: number;

  @Field(() => Float, { description: 'A probability from here on counts as yes in the confusion matrix.' })
  decisionThreshold!: number;

  @Field(() => BinaryConfusionMatrix, { description: 'Right and wrong answers.' })
  confusionMatrix!: BinaryConfusionMatrix;
}

@ObjectType({ description: 'One class of a multiclass classifier, against all others.' })
class ClassEvaluation extends ClassifierCurves {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => Int, { description: 'Rows whose true class it is.' })
  rowCount!: number;

  @Field(() => Float, nullable('Share of the class among what is predicted to be; null where it is never predicted.'))
  precision!: number | null;

  @Field(() => Float, nullable('Share of the class that is predicted to be; null where it does not occur.'))
  recall!: number | null;

  @Field(() => Float, nullable('Harmonic mean of both; null where it neither occurs nor is predicted.'))
  f1!: number | null;
}

@ObjectType({ description: 'What is shown of a multiclass classifier.' })
export class MulticlassEvaluation {
  @Field(() => [ClassEvaluation], { description: 'In one order for both sides of the confusion matrix.' })
  classes!: ClassEvaluation[];

  @Field(() => [[Int]], { description: 'Rows by true class (outer list) and predicted class (inner list).' })
  confusionMatrix!: number[][];
}

@ObjectType({ description: 'One row with its prediction.' })
class PredictedActualPoint {
  @Field(() => Float, { description: 'What was predicted: the x axis.' })
  predicted!: number;

  @Field(() => Float, { description: 'What came: the y axis.' })
  actual!: number;
}

@ObjectType({ description: 'The rows whose residuals (actual minus predicted) lie in a range.' })
class ResidualBin {
  @Field(() => Float, { description: 'From here on.' })
  lower!: number;

  @Field(() => Float, { description: 'Below this; in the last bin up to and with it.' })
  upper!: number;

  @Field(() => Int, { description: 'How many rows they are.' })
  rowCount!: number;
}

@ObjectType({ description: 'A quantile of the residuals (actual minus predicted).' })
class ResidualQuantile {
  @Field(() => Float, { description: 'The share of residuals at or below it: .5 for the median.' })
  probability!: number;

  @Field(() => Float, { description: 'The residual, in the unit of the target.' })
  value!: number;
}

@ObjectType({ description: 'Rows of like predictions: a tenth of all for trainings here.' })
class RegressionCalibrationPoint {
  @Field(() => Float, { description: 'Their mean prediction: the x axis.' })
  meanPredicted!: number;

  @Field(() => Float, { description: 'The mean of what came: the y axis.' })
  meanActual!: number;

  @Field(() => Int, { description: 'How many they are.' })
  rowCount!: number;
}

@ObjectType({ description: 'What is shown of a regression.' })
export class RegressionEvaluation {
  @Field(() => [PredictedActualPoint], {
    description: 'Rows by prediction, some hundreds of them where there are more.',
  })
  points!: PredictedActualPoint[];

  @Field(() => [ResidualBin], { description: 'From the lowest to the highest residual.' })
  residualHistogram!: ResidualBin[];

  @Field(() => [ResidualQuantile], { description: 'By probability.' })
  residualQuantiles!: ResidualQuantile[];

  @Field(() => [RegressionCalibrationPoint], { description: 'By prediction.' })
  calibration!: RegressionCalibrationPoint[];
}

@ObjectType({
  description:
    'How a version did on held-out rows, ready to plot: of its training, or as its maker says. One of binary, multiclass and regression is there, by the task type.',
})
export class EvaluationReport {
  @Field(() => TaskType, { description: 'Which of the parts is there.' })
  taskType!: rows.TaskType;

  @Field(() => Int, { description: 'Held-out rows.' })
  rowCount!: number;
}
