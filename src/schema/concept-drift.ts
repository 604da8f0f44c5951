import { Field, Float, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { enumType } from './enum-type';
import { nullable } from './nullable';

const ConceptVerdict = enumType(
  'ConceptVerdict',
  ['DRIFT', 'NO_DRIFT', 'INSUFFICIENT_LABELS', 'NOT_APPLICABLE'] as const,
  'What the test of the concept says.',
  {
    DRIFT: 'Outcomes no longer follow the probabilities.',
    NO_DRIFT: 'They do, as far as the labels show.',
    INSUFFICIENT_LABELS: 'Too few outcomes are known.',
    NOT_APPLICABLE: 'There is no such test for this type of task; the reason says why.',
  },
);

const ConfoundedMeasure = enumType(
  'ConfoundedMeasure',
  ['LOG_LOSS', 'RESIDUAL', 'SCORE_OF_POSITIVES', 'SCORE_OF_NEGATIVES'] as const,
  'What a confounded test compares.',
  {
    LOG_LOSS: 'Minus the logarithm of the probability that the outcome was given.',
    RESIDUAL: 'Outcome minus probability.',
    SCORE_OF_POSITIVES: 'Probabilities of those whose outcome was positive.',
    SCORE_OF_NEGATIVES: 'Probabilities of those whose outcome was negative.',
  },
);

@ObjectType({ description: 'The concept among the predictions of one segment.' })
class ConceptSegment {
  @Field(() => String, { description: 'A category, or a range of numbers.' })
  segment!: string;

  @Field(() => ConceptVerdict, { description: 'What the tests say together.' })
  verdict!: rows.ConceptVerdict;

  @Field(() => String, { description: 'Why the verdict is what it is.' })
  reason!: string;

  @Field(() => Int, { description: 'Predictions of the segment.' })
  rowCount!: number;

  @Field(() => Int, { description: 'Those whose outcome is known.' })
  labelledRowCount!: number;

  @Field(() => Float, nullable('Two-sample KS statistic D of the transforms.'))
  ksStatistic!: number | null;

  @Field(() => Float, nullable('Its p-value, corrected over all tests of the concept.'))
  ksPValue!: number | null;

  @Field(() => Float, nullable('z of the surplus of positives against that of the reference.'))
  calibrationZ!: number | null;

  @Field(() => Float, nullable('Its p-value, corrected over all tests of the concept.'))
  calibrationPValue!: number | null;
}

@ObjectType({
  description:
    'A KS test that a change of the traffic alone alarms too. To compare with other tools; no part of any verdict.',
})
class ConfoundedTest {
  @Field(() => ConfoundedMeasure, { description: 'What was compared.' })
  measure!: rows.ConfoundedMeasure;

  @Field(() => Float, { description: 'Two-sample KS statistic D.' })
  ksStatistic!: number;

  @Field(() => Float, { description: 'Its p-value, corrected over the tests of this kind.' })
  pValue!: number;
}

@ObjectType({
  description:
    'A change of what the features mean for the outcome, by Kolmogorov–Smirnov on probability integral transforms.',
})
export class ConceptDrift {
  @Field(() => ConceptVerdict, { description: 'What the tests say together.' })
  verdict!: rows.ConceptVerdict;

  @Field(() => String, nullable('Why the verdict is what it is.'))
  reason?: string;

  @Field(() => Float, nullable('Two-sample KS statistic D of the transforms.'))
  ksStatistic!: number | null;

  @Field(() => Float, nullable('Its p-value, corrected over all tests of the concept.'))
  ksPValue!: number | null;

  @Field(() => Float, nullable('z of observed against predicted positives; of a regression, of the mean residual.'))
  calibrationZ!: number | null;

  @Field(() => Float, nullable('Its p-value, corrected over all tests of the concept.'))
  calibrationPValue!: number | null;

  @Field(() => Int, { description: 'Predictions whose outcome is known.' })
  labelledRowCount!: number;

  @Field(() => Int, nullable('Outcomes that a verdict takes; null where it is not known or does not apply.'))
  labelsNeeded?: number | null;

  @Field(() => String, { description: 'What to bear in mind when reading this.' })
  note!: string;

  @Field(() => String, nullable('The feature by which it was looked at in segments; null: only as a whole.'))
  segmentFeature?: string | null;

  @Field(() => [ConceptSegment], nullable('Segment by segment; null where none were asked for.'))
  segments?: ConceptSegment[];

  @Field(() => [ConfoundedTest], nullable('Confounded tests; null where they were not asked for.'))
  confounded?: ConfoundedTest[];
}
