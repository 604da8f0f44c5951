import type { InputQualityCheck, InputQualityKind, InputQualityVerdict } from '../../entities';
import { type BinCounts, type BinSpec, holm, type RowShare, shareIncreasePValue } from '../statistics';

/** A rise by less is real perhaps, but of no consequence. */
const MINIMUM_SHARE_RISE = 0.01;

interface QualityRules {
  readonly alpha: number;
  readonly minimumRows: number;
}

interface ComparedFeature {
  readonly bins: BinSpec;
  readonly reference: BinCounts;
  readonly current: BinCounts;
}

interface Comparison {
  readonly kind: InputQualityKind;
  readonly reference: RowShare;
  readonly current: RowShare;
  readonly pValue: number;
}

/**
 * Whether inputs have become worse: more nulls, categories that the reference never saw, numbers below or above its range. One-sided Fisher tests with
 * Holm over all checks of all features; fewer nulls than before is drift perhaps, but no fault.
 * @returns the checks of each feature, in the order given
 */
export function inputQuality(features: readonly ComparedFeature[], rules: QualityRules): InputQualityCheck[][] {
  const compared = features.map(comparisons);
  const corrected = holm(compared.flat().map(({ pValue }) => pValue));
  let next = 0;
  return compared.map((checks) => checks.map((check) => judged(check, corrected[next++], rules)));
}

/** The gravest of all checks. */
export function overallQuality(
  checks: readonly InputQualityCheck[],
  rowCount: number,
  minimumRows: number,
): InputQualityVerdict {
  if (checks.some(({ verdict }) => verdict === 'DEGRADED')) return 'DEGRADED';
  return rowCount < minimumRows ? 'INSUFFICIENT_DATA' : 'NOT_DEGRADED';
}

function comparisons({ bins, reference, current }: ComparedFeature): Comparison[] {
  const compare = (kind: InputQualityKind, countOf: (counts: BinCounts) => number, expected = 0): Comparison => {
    const [then, now] = [reference, current].map((counts) => ({ count: countOf(counts), rows: rowsOf(counts) }));
    const pValue = shareIncreasePValue({ ...then, count: Math.min(then.rows, then.count + expected) }, now);
    return { kind, reference: then, current: now, pValue };
  };
  const nulls = compare('NULLS', ({ nullCount }) => nullCount);
  if (bins.kind === 'CATEGORICAL') {
    // A reference without values has no categories that another could be unlike.
    if (bins.levels.length === 0) return [nulls];
    // Each level seen once would have been unseen but for that row: so often must a new one be expected. Source: Good 1953 (Good & Turing).
    const seenOnce = reference.bins.slice(0, bins.levels.length).filter((count) => count === 1).length;
    return [nulls, compare('UNSEEN_CATEGORIES', (counts) => counts.bins[bins.levels.length], seenOnce)];
  }
  if (bins.edges.length === 0) return [nulls];
  return [
    nulls,
    compare('BELOW_RANGE', (counts) => counts.bins[0]),
    compare('ABOVE_RANGE', (counts) => counts.bins[counts.bins.length - 1]),
  ];
}

function judged(
  { kind, reference, current }: Comparison,
  pValue: number,
  { alpha, minimumRows }: QualityRules,
): InputQualityCheck {
  const referenceShare = shareOf(reference);
  const currentShare = shareOf(current);
  const risen = pValue < alpha && currentShare - referenceShare >= MINIMUM_SHARE_RISE;
  const enough = current.rows >= minimumRows && reference.rows > 0;
  const verdict = !enough ? 'INSUFFICIENT_DATA' : risen ? 'DEGRADED' : 'NOT_DEGRADED';
  return { kind, verdict, referenceShare, currentShare, pValue, threshold: MINIMUM_SHARE_RISE };
}

const rowsOf = ({ bins, nullCount }: BinCounts): number => bins.reduce((sum, count) => sum + count, nullCount);

const shareOf = ({ count, rows }: RowShare): number => (rows === 0 ? 0 : count / rows);
