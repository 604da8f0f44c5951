import { Field, Float, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { enumType } from './enum-type';
import { DriftVerdict } from './enums';
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

export const InputQualityVerdict = enumType(
  'InputQualityVerdict',
  ['DEGRADED', 'NOT_DEGRADED', 'INSUFFICIENT_DATA'] as const,
  'What the inputs of a window are like beside those of the reference.',
  {
    DEGRADED: 'A share of bad values has risen, by more than chance and by at least the threshold.',
    NOT_DEGRADED: 'None has.',
    INSUFFICIENT_DATA: 'The window has fewer rows than the policy asks for.',
  },
);

const InputQualityKind = enumType(
  'InputQualityKind',
  ['NULLS', 'UNSEEN_CATEGORIES', 'BELOW_RANGE', 'ABOVE_RANGE'] as const,
  'What can be wrong with an input.',
  {
    NULLS: 'It has no value.',
    UNSEEN_CATEGORIES: 'Its category is not among those of the reference.',
    BELOW_RANGE: 'It is less than every number of the reference.',
    ABOVE_RANGE: 'It is greater than every number of the reference.',
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

@ObjectType({ description: 'How often one thing is wrong with a feature, by Fisher’s exact test of a risen share.' })
class InputQualityCheck {
  @Field(() => InputQualityKind, { description: 'What was looked for.' })
  kind!: rows.InputQualityKind;

  @Field(() => InputQualityVerdict, { description: 'Whether it has become more frequent.' })
  verdict!: rows.InputQualityVerdict;

  @Field(() => Float, { description: 'Share of the rows of the reference.' })
  referenceShare!: number;

  @Field(() => Float, { description: 'Share of the rows of the window.' })
  currentShare!: number;

  @Field(() => Float, { description: 'Of such a rise by chance, corrected over all checks of the report.' })
  pValue!: number;

  @Field(() => Float, { description: 'Smallest rise of the share that counts.' })
  threshold!: number;
}

@ObjectType({ description: 'Data drift of the features together.' })
export class DatasetDrift {
  @Field(() => DriftVerdict, { description: 'DRIFT where enough features drift.' })
  verdict!: rows.DriftVerdict;

  @Field(() => Int, { description: 'Features with the verdict DRIFT.' })
  driftedFeatureCount!: number;

  @Field(() => Int, { description: 'All features.' })
  featureCount!: number;

  @Field(() => Float, nullable('Share of the features that must drift; null: any one is enough.'))
  driftedShareNeeded!: number | null;
}

@ObjectType({ description: 'Data drift of one feature, by Kullback–Leibler divergence.' })
export class FeatureDrift {
  @Field(() => String, { description: 'Name of the feature.' })
  feature!: string;

  @Field(() => ColumnVerdict, { description: 'What the test says.' })
  verdict!: rows.ColumnVerdict;

  @Field(() => String, nullable('Why the verdict is what it is.'))
  reason?: string;

  @Field(() => Float, nullable('KL(reference‖current) in nats.'))
  klDivergence!: number | null;

  @Field(() => Float, nullable('Population stability index.'))
  psi!: number | null;

  @Field(() => Float, nullable('Jensen–Shannon divergence in nats, at most ln 2 = .693.'))
  jsDivergence?: number | null;

  @Field(() => Float, nullable('Its square root, in nats, at most .833.'))
  jsDistance?: number | null;

  @Field(() => Float, nullable('Hellinger distance, at most 1.'))
  hellingerDistance?: number | null;

  @Field(
    () => Float,
    nullable(
      'Wasserstein distance over the bins, so approximate, in standard deviations of the reference; null for categories.',
    ),
  )
  wassersteinDistance?: number | null;

  @Field(() => Float, nullable('Of the χ² test of the bins, not corrected: a figure, no part of the verdict.'))
  chiSquarePValue?: number | null;

  @Field(() => Float, nullable('Corrected over the features, by Holm.'))
  pValue!: number | null;

  @Field(() => Float, nullable('Share of the divergence of all features, beyond what chance brings on average.'))
  contribution?: number;

  @Field(
    () => Float,
    nullable(
      'Rows that a window needs for DRIFT or NO_DRIFT; null where the reference is too small, or it is not known.',
    ),
  )
  currentRowsNeeded?: number | null;

  @Field(() => Float, { description: 'Smallest divergence that counts.' })
  threshold!: number;

  @Field(() => Float, { description: 'Share of nulls in the reference.' })
  nullRatioReference!: number;

  @Field(() => Float, { description: 'Share of nulls in the window.' })
  nullRatioCurrent!: number;

  @Field(() => [InputQualityCheck], nullable('Nulls, unseen categories and numbers out of range in both windows.'))
  inputQuality?: InputQualityCheck[];

  @Field(() => DriftHistogram, { description: 'Both distributions.' })
  histogram!: DriftHistogram;
}

@ObjectType({ description: 'Drift of the scores that a multiclass model gives to one class.' })
class ClassScoreDrift {
  @Field(() => String, { description: 'The class.' })
  className!: string;

  @Field(() => ColumnVerdict, { description: 'What the test says.' })
  verdict!: rows.ColumnVerdict;

  @Field(() => Float, nullable('Jensen–Shannon distance in nats, at most .833.'))
  jsDistance!: number | null;

  @Field(() => Float, nullable('Corrected over the classes and the answers.'))
  pValue!: number | null;
}

@ObjectType({ description: 'Drift of the predictions, by Jensen–Shannon.' })
export class PredictionDrift {
  @Field(() => ColumnVerdict, { description: 'What the test says.' })
  verdict!: rows.ColumnVerdict;

  @Field(() => String, nullable('Why the verdict is what it is.'))
  reason?: string;

  @Field(() => Float, nullable('Jensen–Shannon divergence in nats, at most ln 2 = .693.'))
  jsDivergence!: number | null;

  @Field(() => Float, nullable('Its square root, in nats, at most .833.'))
  jsDistance!: number | null;

  @Field(() => Float, nullable('Of the divergence, if nothing had changed.'))
  pValue!: number | null;

  @Field(() => Float, { description: 'Smallest distance that counts.' })
  threshold!: number;

  @Field(
    () => Float,
    nullable(
      'Rows that a window needs for DRIFT or NO_DRIFT; null where the reference is too small, or it is not known.',
    ),
  )
  currentRowsNeeded?: number | null;

  @Field(() => [ClassScoreDrift], nullable('Class by class, for a multiclass model.'))
  classScores?: ClassScoreDrift[];

  @Field(() => DriftHistogram, { description: 'Both distributions.' })
  histogram!: DriftHistogram;
}
