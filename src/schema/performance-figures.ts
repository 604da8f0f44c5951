import { Field, Float, ObjectType } from 'type-graphql';
import type { Undefined } from '../services/statistics';
import { enumType } from './enum-type';
import { nullable } from './nullable';

const FigureUndefined = enumType(
  'FigureUndefined',
  [
    'NO_ROWS',
    'ONE_CLASS',
    'NO_POSITIVES',
    'NO_PREDICTED_POSITIVES',
    'NOT_ESTIMABLE',
    'NOT_APPLICABLE',
  ] as const satisfies readonly Undefined[],
  'Why a figure has no value.',
  {
    NO_ROWS: 'There are no predictions that it could be measured on: of realised figures, none whose outcome is known.',
    ONE_CLASS: 'All outcomes are the same, so that there are no pairs to rank.',
    NO_POSITIVES: 'No outcome is positive.',
    NO_PREDICTED_POSITIVES: 'No prediction reaches the decision threshold.',
    NOT_ESTIMABLE: 'Only outcomes can tell it, or the version has no reference profile to estimate by.',
    NOT_APPLICABLE: 'It means nothing for a model of this task type.',
  },
);

@ObjectType({ description: 'A figure with its confidence interval.' })
export class PerformanceFigure {
  @Field(() => Float, nullable('The figure; null where it is undefined.'))
  value!: number | null;

  @Field(() => Float, nullable('Lower end of the interval; null without a value, or where one row has no spread.'))
  lower!: number | null;

  @Field(() => Float, nullable('Upper end of the interval.'))
  upper!: number | null;

  @Field(() => FigureUndefined, nullable('Why there is no value; null where there is one.'))
  undefinedBecause!: Undefined | null;
}

@ObjectType({
  description:
    'Answers and outcomes at the decision threshold, as numbers of predictions. The intervals are those of the expected numbers in a window of as many rows ' +
    '(Wilson’s); of estimates, those of the numbers that will come.',
})
class PerformanceConfusionMatrix {
  @Field(() => PerformanceFigure, { description: 'Positives that were answered with yes.' })
  truePositives!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Negatives that were answered with yes.' })
  falsePositives!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Negatives that were answered with no.' })
  trueNegatives!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Positives that were answered with no.' })
  falseNegatives!: PerformanceFigure;
}

@ObjectType({
  description: 'Metrics of a binary classifier, each with an interval. Which interval is in docs/performance.md.',
})
export class PerformanceFigures {
  @Field(() => PerformanceFigure, { description: 'Share of the answers that are right.' })
  accuracy!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Share of positives among what is answered with yes.' })
  precision!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Share of the positives that are answered with yes.' })
  recall!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Harmonic mean of precision and recall.' })
  f1!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Area under the ROC curve.' })
  auc!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Mean precision over the recalls.' })
  averagePrecision!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Mean negative log-likelihood of the outcomes, in nats.' })
  logLoss!: PerformanceFigure;

  @Field(() => PerformanceFigure, { description: 'Mean squared distance of probabilities and outcomes.' })
  brier!: PerformanceFigure;

  @Field(() => PerformanceFigure, {
    description:
      'Expected calibration error: mean distance of probabilities and frequencies over ten bins of equal width. Chance alone keeps it above 0; its ' +
      'interval begins at 0 as long as chance alone explains it.',
  })
  calibrationError!: PerformanceFigure;

  @Field(() => PerformanceConfusionMatrix, { description: 'Right and wrong answers.' })
  confusionMatrix!: PerformanceConfusionMatrix;
}
