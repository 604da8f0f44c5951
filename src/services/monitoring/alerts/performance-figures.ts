import type { DataSource } from 'typeorm';
import { ModelVersion } from '../../../entities';
import type { PredictionReader } from '../../predictions';
import { type Figure, normalQuantile, realisedPerformance, scoreSample } from '../../statistics';

/** A metric of a window of predictions whose outcome is known, with its 95 % confidence interval. */
export interface PerformanceFigure {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  /** How many outcomes it is over. */
  readonly rowCount: number;
}

/** Where rules on performance have their figures from. */
export interface PerformanceFigures {
  /** @returns null where the metric is not defined for what is known of the window */
  figure(modelVersionId: string, metric: string, from: Date, to: Date): Promise<PerformanceFigure | null>;
}

type Labelled = { readonly probabilities: number[]; readonly labels: number[]; readonly threshold: number };

const CONFIDENCE = 0.95;

/** Figures of binary classifiers from the prediction log. */
export class LoggedPerformance implements PerformanceFigures {
  constructor(private readonly deps: { readonly dataSource: DataSource; readonly predictions: PredictionReader }) {}

  async figure(modelVersionId: string, metric: string, from: Date, to: Date): Promise<PerformanceFigure | null> {
    const version = await this.deps.dataSource.manager.findOneByOrFail(ModelVersion, { id: modelVersionId });
    const probabilities: number[] = [];
    const labels: number[] = [];
    for await (const page of this.deps.predictions.window(modelVersionId, from, to)) {
      for (const { probability, outcome } of page) {
        if (outcome === null) continue;
        probabilities.push(probability);
        labels.push(Number(outcome));
      }
    }
    if (labels.length === 0) return null;
    return figureOf(metric, { probabilities, labels, threshold: version.decisionThreshold });
  }
}

/** See realisedPerformance for the intervals. */
export function figureOf(metric: string, { probabilities, labels, threshold }: Labelled): PerformanceFigure | null {
  const sample = scoreSample(
    probabilities,
    labels.map((label) => label === 1),
  );
  const { confusionMatrix: _, ...figures } = realisedPerformance(sample, threshold, normalQuantile(CONFIDENCE));
  const { value, lower, upper } = (figures as Readonly<Record<string, Partial<Figure>>>)[metric] ?? {};
  if (value == null || lower == null || upper == null) return null;
  return { value, lower, upper, rowCount: labels.length };
}
