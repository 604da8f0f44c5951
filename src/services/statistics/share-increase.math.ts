import { InvalidInput } from '../../errors';
import { stirlingCorrection } from './log-gamma';

/** Rows of a window, and how many of them have what is looked for. Whole numbers. */
export interface RowShare {
  readonly count: number;
  readonly rows: number;
}

/**
 * p-value of Fisher's exact test that the share has not risen from the reference to the current window: the chance that, of all the rows that have
 * it, so many lie in the current window. Exact for any size; where the reference has none it is also the chance that the current window's extremes
 * lie beyond the reference's, so it holds for a range that was taken from the reference itself.
 * @returns in [0, 1], 1 where the share has not risen or a window is empty.   Source: Fisher 1934; scipy.stats.fisher_exact, alternative 'less'.
 * @throws InvalidInput when a count is negative or above its rows
 */
export function shareIncreasePValue(reference: RowShare, current: RowShare): number {
  requireShare('reference', reference);
  requireShare('current', current);
  if (reference.rows === 0 || current.rows === 0) return 1;
  if (current.count * reference.rows <= reference.count * current.rows) return 1;
  const marked = reference.count + current.count;
  const rows = reference.rows + current.rows;
  const unmarked = rows - marked;
  let term = hypergeometric(current.count, marked, unmarked, current.rows);
  let sum = 0;
  // Above the mean the terms fall, faster and faster: what is left when one no longer counts does not either.
  for (let k = current.count; term > sum * 1e-17; k++) {
    sum += term;
    term *= ((marked - k) / (k + 1)) * ((current.rows - k) / (unmarked - current.rows + k + 1));
  }
  return Math.min(1, sum);
}

function requireShare(field: string, { count, rows }: RowShare): void {
  if (!(count >= 0 && count <= rows))
    throw new InvalidInput(field, `${count} of ${rows} rows is not a share. Count rows of one window.`);
}

/** P(k of the n drawn rows are marked). By binomials, whose saddle point form keeps the digits that logarithms of factorials lose. Source: Loader 2000. */
function hypergeometric(k: number, marked: number, unmarked: number, drawn: number): number {
  const share = drawn / (marked + unmarked);
  return (
    (binomial(k, marked, share) * binomial(drawn - k, unmarked, share)) / binomial(drawn, marked + unmarked, share)
  );
}

function binomial(k: number, n: number, share: number): number {
  if (k === 0) return Math.exp(n * Math.log1p(-share));
  if (k === n) return Math.exp(n * Math.log(share));
  const deviance = deviation(k, n * share) + deviation(n - k, n * (1 - share));
  const correction = stirlingCorrection(n) - stirlingCorrection(k) - stirlingCorrection(n - k);
  return Math.sqrt(n / (2 * Math.PI * k * (n - k))) * Math.exp(correction - deviance);
}

/** x ln(x / expected) + expected − x ≥ 0. */
function deviation(x: number, expected: number): number {
  return expected - x - x * Math.log1p((expected - x) / x);
}
