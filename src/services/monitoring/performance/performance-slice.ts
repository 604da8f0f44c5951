import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoggedPrediction } from '../../predictions';
import {
  type Calibration,
  calibrateScores,
  EMPTY_SAMPLE,
  ESTIMATED_PARTS,
  estimatePValue,
  mergeSamples,
  mergeSorted,
  type PerformanceFigures,
  REALISED_PARTS,
  sampleSize,
  type ScoreSample,
  scoreSample,
  undefinedPerformance,
} from '../../statistics';

/** What the figures of all slices of an answer are computed by. */
export interface SliceRules {
  readonly threshold: number;
  /** Of the confidence, see normalQuantile. */
  readonly z: number;
  /** null for a version without a reference profile. */
  readonly calibration: Calibration | null;
}

export interface SliceFigures {
  readonly predictionCount: number;
  readonly labelCount: number;
  readonly invalidCount: number;
  readonly realised: PerformanceFigures;
  readonly estimated: PerformanceFigures;
  readonly estimatePValue: number | null;
  /** Of all predictions, ascending. */
  readonly scores: Float64Array;
}

/**
 * Gathers the predictions of a slice, a page at a time, and computes its figures, letting others go first between any two passes over the rows: of 200,000
 * the longest pass takes 20 ms of CPU, and 60 the first time, before its code is compiled.
 */
export class PerformanceSliceBuilder {
  private readonly runs: ScoreSample[] = [];
  private invalidCount = 0;

  add(predictions: readonly LoggedPrediction[]): void {
    const valid = predictions.filter(({ probability }) => probability >= 0 && probability <= 1);
    this.invalidCount += predictions.length - valid.length;
    this.runs.push(
      scoreSample(
        valid.map(({ probability }) => probability),
        valid.map(({ outcome }) => outcome),
      ),
    );
  }

  async figures({ threshold, z, calibration }: SliceRules): Promise<SliceFigures> {
    const sample = await this.merged();
    const labelCount = sample.positives.length + sample.negatives.length;
    let realised = undefinedPerformance('NO_ROWS');
    for (const part of REALISED_PARTS) {
      realised = { ...realised, ...part(sample, threshold, z) };
      await nextTurn();
    }
    const scores = mergeSorted(mergeSorted(sample.positives, sample.negatives), sample.unlabelled);
    await nextTurn();
    let estimated = undefinedPerformance(scores.length === 0 ? 'NO_ROWS' : 'NOT_ESTIMABLE');
    if (calibration !== null && scores.length > 0) {
      const rows = calibrateScores(calibration, scores);
      await nextTurn();
      for (const part of ESTIMATED_PARTS) {
        estimated = { ...estimated, ...part(rows, threshold, z) };
        await nextTurn();
      }
    }
    return {
      predictionCount: sampleSize(sample) + this.invalidCount,
      labelCount,
      invalidCount: this.invalidCount,
      realised,
      estimated,
      estimatePValue: calibration === null ? null : estimatePValue(sample, calibration),
      scores,
    };
  }

  /** Neighbours are merged with each other, round after round, so that every row is moved log₂(pages) times and not once a page. */
  private async merged(): Promise<ScoreSample> {
    let runs = this.runs;
    while (runs.length > 1) {
      const next: ScoreSample[] = [];
      for (let index = 0; index < runs.length; index += 2) {
        next.push(mergeSamples(runs[index], runs[index + 1] ?? EMPTY_SAMPLE));
        await nextTurn();
      }
      runs = next;
    }
    return runs[0] ?? EMPTY_SAMPLE;
  }
}
