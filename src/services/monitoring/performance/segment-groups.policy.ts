import type { FeatureValue, ScalarDtype } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { toModelInput } from '../../features';
import type { BinCounts, BinSpec } from '../../statistics';
import type { ReferenceProfile } from '../../training';

/** How the rows of a report are parted by a feature: into groups that the reference fixes, so that windows can be compared. */
export interface SegmentGroups {
  readonly feature: string;
  /** The groups' names. */
  readonly names: readonly string[];
  /** Into which of them a value falls. */
  readonly groupOf: (value: FeatureValue | undefined) => number;
}

/** More than these are other: the reference's most frequent ones have rows enough to say something. */
const MAX_LEVELS = 10;
const QUANTILE_GROUPS = 5;
const OTHER = '(other)';
const NULL = '(null)';

/**
 * Groups of a categorical feature are the ten most frequent values of the reference, `(other)` and `(null)`; of a numeric one about five of equal
 * size in the reference, or its values where there are few, and `(null)`.
 * @throws InvalidInput when the version has no such feature
 */
export function segmentGroups(
  feature: string,
  dtypes: ReadonlyMap<string, ScalarDtype>,
  profile: Pick<ReferenceProfile, 'features'>,
): SegmentGroups {
  const reference = profile.features.find(({ name }) => name === feature);
  const dtype = dtypes.get(feature);
  if (reference === undefined || dtype === undefined) {
    const known = profile.features.map(({ name }) => name).join(', ');
    throw new InvalidInput('segmentBy', `the version has no feature ${JSON.stringify(feature)}; it has ${known}`);
  }
  const input = (value: FeatureValue | undefined) => toModelInput(dtype, value ?? null);
  if (reference.bins.kind === 'CATEGORICAL') {
    const levels = reference.bins.levels.slice(0, MAX_LEVELS);
    const groups = new Map(levels.map((level, index) => [level, index]));
    const groupOf = (value: FeatureValue | undefined) => {
      const given = input(value);
      return given === null ? levels.length + 1 : (groups.get(String(given)) ?? levels.length);
    };
    return { feature, names: [...levels, OTHER, NULL], groupOf };
  }
  const cuts = quantileCuts(reference.bins, reference.counts);
  const groupOf = (value: FeatureValue | undefined) => {
    const given = input(value);
    const number = given === null ? NaN : Number(given);
    if (Number.isNaN(number)) return cuts.length + 1;
    return cuts.filter((cut) => number >= cut).length;
  };
  return { feature, names: [...rangeNames(cuts), NULL], groupOf };
}

/** Edges of the reference's bins that part its rows about evenly, ascending; fewer where one value has the rows of several parts. */
function quantileCuts({ edges }: Extract<BinSpec, { kind: 'NUMERIC' }>, { bins }: BinCounts): number[] {
  const total = bins.reduce((sum, count) => sum + count, 0);
  const cuts: number[] = [];
  let quantile = 1;
  let below = bins[0];
  // The last edge ends the last bin, and nothing of the reference is beyond it.
  for (let index = 1; index < edges.length - 1 && quantile < QUANTILE_GROUPS; index++) {
    below += bins[index];
    const target = (quantile * total) / QUANTILE_GROUPS;
    const isNearest = Math.abs(below - target) <= Math.abs(below + bins[index + 1] - target);
    if (!isNearest) continue;
    cuts.push(edges[index]);
    quantile = Math.max(quantile, Math.round((below / total) * QUANTILE_GROUPS)) + 1;
  }
  return cuts;
}

function rangeNames(cuts: readonly number[]): string[] {
  if (cuts.length === 0) return ['any'];
  const inner = cuts.slice(1).map((cut, index) => `[${cuts[index]}, ${cut})`);
  return [`< ${cuts[0]}`, ...inner, `≥ ${cuts[cuts.length - 1]}`];
}
