/** The two words of a label column, when they are not among the known pairs. */
export interface LabelWords {
  readonly positive: string;
  readonly negative: string;
}

const POSITIVE = new Set(['yes', 'y', 'true', 't', '1', '1.0', 'churned', 'churn']);
const NEGATIVE = new Set(['no', 'n', 'false', 'f', '0', '0.0', 'not churned', 'no churn', 'stayed']);

/** True for churned, false for stayed, null for a word that says neither. Case does not count. */
export function labelValue(text: string, words: LabelWords | null): boolean | null {
  const word = text.trim().toLowerCase();
  if (words) {
    if (word === words.positive.trim().toLowerCase()) return true;
    return word === words.negative.trim().toLowerCase() ? false : null;
  }
  if (POSITIVE.has(word)) return true;
  return NEGATIVE.has(word) ? false : null;
}
