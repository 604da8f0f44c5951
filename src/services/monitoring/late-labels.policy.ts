import type { ConceptDrift, DriftResult, DriftVerdict } from '../../entities';

export interface LabelSituation {
  readonly rowCount: number;
  /** Outcomes that the report knows. */
  readonly knownLabels: number;
  /** Outcomes that there are. */
  readonly labels: number;
  /** Of those that it knows, how many have been recorded again. */
  readonly correctedLabels: number;
  /** What it said about the concept. */
  readonly concept: ConceptDrift['verdict'];
}

/** Less than this share of new outcomes moves no figure by more than its own uncertainty, and reading a window for each would never end. */
const MATERIAL_SHARE = 0.01;
/** From here on a report that waits for outcomes may be about to get its verdict. */
const NEARLY_LABELLED = 0.9;

/** Whether outcomes that came after a report are worth reading its window again. */
export function areLabelsMaterial(situation: LabelSituation): boolean {
  const { rowCount, knownLabels, labels, correctedLabels, concept } = situation;
  if (correctedLabels > 0) return true;
  const added = labels - knownLabels;
  if (added <= 0) return false;
  if (added >= MATERIAL_SHARE * rowCount || labels >= rowCount) return true;
  return concept === 'INSUFFICIENT_LABELS' && labels >= NEARLY_LABELLED * rowCount;
}

type Result = Omit<DriftResult, 'alertId'>;

/** A report with what its late outcomes say. Features and predictions are as they were: of them outcomes say nothing. */
export function withLateLabels(
  stored: { readonly verdict: DriftVerdict; readonly result: DriftResult },
  fresh: { readonly verdict: DriftVerdict; readonly result: Result },
): { readonly verdict: DriftVerdict; readonly result: DriftResult } {
  const { features, dataset, inputQuality, prediction, referenceRowCount, currentRowCount, alertId } = stored.result;
  const counts = { referenceRowCount, currentRowCount };
  const result = { ...fresh.result, features, dataset, inputQuality, prediction, ...counts, alertId };
  if (result.concept.verdict === 'DRIFT') return { verdict: 'DRIFT', result };
  // What else there was to say was said, unless the concept was what drifted.
  return { verdict: stored.result.concept.verdict === 'DRIFT' ? fresh.verdict : stored.verdict, result };
}
