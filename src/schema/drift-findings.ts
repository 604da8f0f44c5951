import { Field, Float, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { enumType } from './enum-type';
import { nullable } from './nullable';

const ColumnVerdict = enumType(
  'ColumnVerdict',
  ['DRIFT', 'NO_DRIFT', 'INSUFFICIENT_DATA', 'EMPTY'] as const,
  'What the test of one column says.',
  {
    DRIFT: 'Significant after correction, and an effect over the threshold.',
    NO_DRIFT: 'Enough data, and no such effect.',
    INSUFFICIENT_DATA: 'With so few rows chance alone could reach the threshold.',
    EMPTY: 'The window has no value of it, and the reference had hardly any: where it had, this is DRIFT.',
  },
);

const ConceptVerdict = enumType(
  'ConceptVerdict',
  ['DRIFT', 'NO_DRIFT', 'INSUFFICIENT_LABELS'] as const,
  'What the test of the concept says.',
  {
    DRIFT: 'Outcomes no longer follow the probabilities.',
    NO_DRIFT: 'They do, as far as the labels show.',
    INSUFFICIENT_LABELS: 'Too few outcomes are known.',
  },
);

@ObjectType({ description: 'Shares of the rows per bin, ready to plot side by side.' })
class DriftHistogram {
  @Field(() => [String], { description: 'Names of the bins; null values are the last.' })
  bins!: string[];

  @Field(() => [Float], { description: 'Shares in the reference, in the order of the bins.' })
  reference!: number[];

  @Field(() => [Float], { description: 'Shares in the window, in the order of the bins.' })
  current!: number[];
}

@ObjectType({ description: 'Data drift of one feature, by Kullback–Leibler divergence.' })
export class FeatureDrift {
  @Field(() => String, { description: 'Name of the feature.' })
  feature!: string;

  @Field(() => ColumnVerdict, { description: 'What the test says.' })
  verdict!: rows.ColumnVerdict;

  @Field(() => Float, nullable('KL(reference‖current) in nats.'))
  klDivergence!: number | null;

  @Field(() => Float, nullable('Population stability index.'))
  psi!: number | null;

  @Field(() => Float, nullable('Corrected over the features.'))
  pValue!: number | null;

  @Field(() => Float, { description: 'Smallest divergence that counts.' })
  threshold!: number;

  @Field(() => Float, { description: 'Share of nulls in the reference.' })
  nullRatioReference!: number;

  @Field(() => Float, { description: 'Share of nulls in the window.' })
  nullRatioCurrent!: number;

  @Field(() => DriftHistogram, { description: 'Both distributions.' })
  histogram!: DriftHistogram;
}

@ObjectType({ description: 'Drift of the predicted probabilities, by Jensen–Shannon.' })
export class PredictionDrift {
  @Field(() => ColumnVerdict, { description: 'What the test says.' })
  verdict!: rows.ColumnVerdict;

  @Field(() => Float, nullable('Jensen–Shannon divergence in nats, at most ln 2 = .693.'))
  jsDivergence!: number | null;

  @Field(() => Float, nullable('Its square root, in nats, at most .833.'))
  jsDistance!: number | null;

  @Field(() => Float, nullable('Of the divergence, if nothing had changed.'))
  pValue!: number | null;

  @Field(() => Float, { description: 'Smallest distance that counts.' })
  threshold!: number;

  @Field(() => DriftHistogram, { description: 'Both distributions.' })
  histogram!: DriftHistogram;
}

@ObjectType({
  description:
    'A change of what the features mean for the outcome, by Kolmogorov–Smirnov on probability integral transforms.',
})
export class ConceptDrift {
  @Field(() => ConceptVerdict, { description: 'What the tests say together.' })
  verdict!: rows.ConceptDrift['verdict'];

  @Field(() => Float, nullable('Two-sample KS statistic D of the transforms.'))
  ksStatistic!: number | null;

  @Field(() => Float, nullable('Its p-value, corrected over the two tests.'))
  ksPValue!: number | null;

  @Field(() => Float, nullable('z of observed against predicted positives.'))
  calibrationZ!: number | null;

  @Field(() => Float, nullable('Its p-value, corrected over the two tests.'))
  calibrationPValue!: number | null;

  @Field(() => Int, { description: 'Predictions whose outcome is known.' })
  labelledRowCount!: number;

  @Field(() => String, { description: 'What to bear in mind when reading this.' })
  note!: string;
}
