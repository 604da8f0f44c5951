import { ArgsType, Field, Float, Int, ObjectType } from 'type-graphql';
import { MAX_PERFORMANCE_ROWS, PERFORMANCE_FLAGS } from '../services/monitoring';
import { ConnectionArgs, connectionType } from './connection';
import { enumType } from './enum-type';
import { nullable } from './nullable';
import { PerformanceFigures } from './performance-figures';
import { DateTime } from './scalars';

const PerformanceFlag = enumType(
  'PerformanceFlag',
  PERFORMANCE_FLAGS,
  'What is to be known before figures of performance are believed.',
  {
    NOT_APPLICABLE: 'The predictions of models of this task type are not measured here.',
    NO_PREDICTIONS: 'There are no predictions.',
    WINDOW_OPEN: 'The window has not ended: predictions still come.',
    INVALID_SCORES: 'Some predictions gave no probability from 0 to 1; they are counted and not measured.',
    NO_LABELS: 'No outcome is known, so that there is the estimate only.',
    INSUFFICIENT_LABELS:
      'Fewer outcomes are known than the minimumLabels of the monitoring policy: the intervals are wide.',
    EARLY_LABELS:
      'Less than .95 of the outcomes are known. Those that come first are not like the rest (churners are known before stayers), so that realised ' +
      'figures are off by more than their intervals say.',
    NO_REFERENCE: 'The version was registered without a reference profile, so that nothing can be estimated.',
    OUTSIDE_REFERENCE:
      'More than .05 of the probabilities are lower or higher than any of the reference: the estimate is extrapolated.',
    CONTRADICTED_BY_LABELS:
      'Outcomes do not follow the calibrated probabilities (p below alpha, corrected over the slices of the answer), so the concept has changed or the ' +
      'calibration does not hold here: trust the realised figures and not the estimate.',
  },
);

@ObjectType({ description: 'How outcomes say that predictions did.' })
export class RealisedPerformance extends PerformanceFigures {}

@ObjectType({
  description:
    'How predictions are expected to have done, without outcomes (confidence-based performance estimation): a prediction counts as a positive by its ' +
    'calibrated probability. Its intervals are where the realised figures of these very predictions will lie while the assumption holds.',
})
export class EstimatedPerformance extends PerformanceFigures {}

@ObjectType({ description: 'The predictions of a window, or of one group of a feature in it, and how they did.' })
export class PerformanceSlice {
  @Field(() => String, nullable('The group of the feature; null for all predictions of the window.'))
  group!: string | null;

  @Field(() => Int, { description: 'PRIMARY predictions that were made.' })
  predictionCount!: number;

  @Field(() => Int, { description: 'Of them, those whose outcome is known.' })
  labelCount!: number;

  @Field(() => Float, nullable('labelCount / predictionCount; null without predictions.'))
  labelCoverage!: number | null;

  @Field(() => [PerformanceFlag], { description: 'What is to be known before the figures are believed.' })
  flags!: (typeof PERFORMANCE_FLAGS)[number][];

  @Field(() => RealisedPerformance, { description: 'By the outcomes that are known.' })
  realised!: RealisedPerformance;

  @Field(() => EstimatedPerformance, { description: 'By the calibrated probabilities of all predictions.' })
  estimated!: EstimatedPerformance;
}

@ObjectType({ description: 'How the predictions of a window did, computed from the log when it is asked for.' })
export class PerformanceReport {
  @Field(() => DateTime, { description: 'Predictions made from here on are in it.' })
  windowStart!: Date;

  @Field(() => DateTime, { description: 'Predictions made before this are in it.' })
  windowEnd!: Date;

  @Field(() => Float, { description: 'The probability from which on the version answers yes.' })
  decisionThreshold!: number;

  @Field(() => Float, { description: 'How often the intervals are to hold what they are about: .95.' })
  confidence!: number;

  @Field(() => PerformanceSlice, { description: 'All predictions of the window.' })
  overall!: PerformanceSlice;

  @Field(() => String, nullable('The feature whose groups are the segments.'))
  segmentBy!: string | null;

  @Field(() => [PerformanceSlice], {
    description: 'Groups of the feature that have predictions in the window; empty without segmentBy.',
  })
  segments!: PerformanceSlice[];
}

export const PerformanceReportConnection = connectionType('PerformanceReport', () => PerformanceReport);

@ArgsType()
export class PerformanceReportsArgs extends ConnectionArgs {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, nullable('Number of the version; the production version where absent.'))
  version?: number | null;

  @Field(() => DateTime, { description: 'Start of the first window, inclusive.' })
  from!: Date;

  @Field(() => DateTime, { description: 'End of the last window, exclusive.' })
  to!: Date;

  @Field(
    () => Int,
    nullable(
      'Length of a window, from 60 on: 86400, the default, is a day and 3600 an hour, in UTC. The first and the last are cut to the range, which has at ' +
        'most 10,000 windows.',
    ),
  )
  windowSeconds?: number | null;

  @Field(
    () => String,
    nullable(
      'A feature of the version, by whose groups the windows are parted: the ten most frequent values of the reference, `(other)` and `(null)`, or for ' +
        'numbers about five ranges of equal size in the reference.',
    ),
  )
  segmentBy?: string | null;
}

export const PERFORMANCE_REPORTS =
  'How the predictions of a version did in windows of time, oldest first: realised figures by their outcomes, estimated ones without. Computed from the ' +
  `prediction log at once; the windows of one page may have ${MAX_PERFORMANCE_ROWS} predictions, and more are refused with INVALID_INPUT: ask for fewer ` +
  'windows at a time (first), or for shorter ones.';
