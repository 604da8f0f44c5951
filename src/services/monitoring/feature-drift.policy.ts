import type { ColumnVerdict, DriftHistogram, FeatureDrift, MonitoringRules } from '../../entities';
import {
  type BinCounts,
  binLabels,
  type BinSpec,
  binnedWasserstein,
  correctByHolm,
  type DriftTestResult,
  testKlDrift,
} from '../statistics';
import type { ReferenceProfile } from '../training';
import { columnReason, rowsNeeded } from './drift-reasons';

type ReferenceFeature = ReferenceProfile['features'][number];

/** Verdicts, and the chance that any of them is DRIFT where nothing has changed, before the correction holds it down to the level. */
export interface JudgedFeatures {
  readonly features: FeatureDrift[];
  readonly chanceOfAlarm: number;
}

/**
 * Data drift of every feature by KL divergence, Holm over all of them, the largest contribution first.
 * @param current in the order of `references`
 */
export function featureDrifts(
  references: readonly ReferenceFeature[],
  current: readonly BinCounts[],
  rules: MonitoringRules,
): JudgedFeatures {
  const thresholds = new Map(rules.featureThresholds?.map(({ feature, klThreshold }) => [feature, klThreshold]));
  const first = references.map((reference, index) =>
    testFeature(reference.counts, current[index], {
      threshold: thresholds.get(reference.name) ?? rules.klThreshold,
      alpha: rules.alpha,
      comparisons: references.length,
    }),
  );
  const corrected = correctByHolm(
    first.map(({ test }) => test),
    rules.alpha,
  );
  // Nulls alone that differ too little to be drift are no figure of a column without values.
  const tests = corrected.map((test, index) =>
    first[index].isEmpty && test.verdict !== 'DRIFT' ? emptied(test) : test,
  );
  const contributions = contributionsOf(tests);
  const drifts = references.map((reference, index): FeatureDrift => ({
    ...figuresOf(reference, current[index], tests[index], rules),
    contribution: contributions[index],
  }));
  return {
    features: drifts.sort((a, b) => (b.contribution ?? 0) - (a.contribution ?? 0)),
    chanceOfAlarm: chanceOfAlarm(tests, rules.minimumRows),
  };
}

/** An upper bound: the sum over the columns of the chance to reach the threshold. Columns that no verdict is given on cannot alarm. */
export function chanceOfAlarm(tests: readonly DriftTestResult[], minimumRows: number): number {
  return tests.reduce(
    (sum, { figures, currentRows }) => sum + (currentRows < minimumRows ? 0 : (figures?.chanceOverThreshold ?? 0)),
    0,
  );
}

/** A significant difference between a handful of rows would be noise often enough. */
export const belowMinimum = (verdict: ColumnVerdict, rowCount: number, minimumRows: number): ColumnVerdict =>
  rowCount < minimumRows && verdict !== 'EMPTY' ? 'INSUFFICIENT_DATA' : verdict;

export function histogram(bins: BinSpec, reference: BinCounts, current: BinCounts): DriftHistogram {
  return { bins: binLabels(bins), reference: shares(reference), current: shares(current) };
}

function figuresOf(
  reference: ReferenceFeature,
  current: BinCounts,
  test: DriftTestResult,
  rules: MonitoringRules,
): FeatureDrift {
  const { figures, threshold } = test;
  return {
    feature: reference.name,
    verdict: belowMinimum(test.verdict, test.currentRows, rules.minimumRows),
    reason: columnReason('KL divergence', test, rules),
    klDivergence: figures?.klDivergence ?? null,
    psi: figures?.psi ?? null,
    jsDivergence: figures?.jsDivergence ?? null,
    jsDistance: figures?.jsDistance ?? null,
    hellingerDistance: figures?.hellingerDistance ?? null,
    wassersteinDistance: binnedWasserstein(reference.bins, reference.counts, current),
    chiSquarePValue: figures?.chiSquarePValue ?? null,
    pValue: figures?.correctedPValue ?? null,
    threshold,
    currentRowsNeeded: rowsNeeded(test, rules.minimumRows),
    nullRatioReference: nullRatio(reference.counts),
    nullRatioCurrent: nullRatio(current),
    histogram: histogram(reference.bins, reference.counts, current),
  };
}

/**
 * A window without any value is EMPTY, but not where the reference had values: there they have vanished, and that is drift. So it is compared by its
 * nulls.
 */
function testFeature(
  referenceCounts: BinCounts,
  currentCounts: BinCounts,
  level: { readonly threshold: number; readonly alpha: number; readonly comparisons: number },
): { test: DriftTestResult; isEmpty: boolean } {
  const test = testKlDrift({ ...level, referenceCounts, currentCounts });
  if (test.verdict !== 'EMPTY' || test.currentRows === 0) return { test, isEmpty: false };
  const withNulls = testKlDrift({
    ...level,
    referenceCounts: nullAsBin(referenceCounts),
    currentCounts: nullAsBin(currentCounts),
  });
  return { test: withNulls, isEmpty: true };
}

const emptied = (test: DriftTestResult): DriftTestResult => ({ ...test, verdict: 'EMPTY', figures: null });

const nullAsBin = ({ bins, nullCount }: BinCounts): BinCounts => ({ bins: [...bins, nullCount], nullCount: 0 });

/**
 * What each feature has of the divergence of all of them. KL divergences of independent features add up to that of the rows; chance alone brings
 * (B − 1)/2 · (1/n1 + 1/n2) on average, which would make a feature of many bins contribute by its bins.
 */
function contributionsOf(tests: readonly DriftTestResult[]): number[] {
  const excesses = tests.map(({ figures, referenceRows, currentRows }) =>
    figures === null
      ? 0
      : Math.max(0, figures.klDivergence - (figures.degreesOfFreedom / 2) * (1 / referenceRows + 1 / currentRows)),
  );
  const total = excesses.reduce((sum, excess) => sum + excess, 0);
  return excesses.map((excess) => (total === 0 ? 0 : excess / total));
}

/** Share of the rows in each bin, null last. */
function shares({ bins, nullCount }: BinCounts): number[] {
  const counts = [...bins, nullCount];
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}

const nullRatio = (counts: BinCounts): number => shares(counts).at(-1) ?? 0;
