import type { FeatureValue, ModelSignature, ScalarDtype } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { toModelInput } from '../../features';
import type { BinCounts, BinSpec } from '../../statistics';
import type { ReferenceProfile } from '../../training';
import type { CurrentWindow } from '../drift-analysis.policy';

interface Counted {
  readonly features: Readonly<Record<string, FeatureValue>>;
  readonly probability: number;
}

interface Column {
  readonly offset: number;
  /** Bins and buckets, null last. */
  readonly width: number;
}

/** The slot of a value in the order of BinCounts, null last. */
type SlotOf = (value: number | string | null) => number;

/**
 * Where each bin of a reference profile stands in one vector: the bins of every feature in the profile's order, each with its null bucket, then those
 * of the prediction. A row falls into the slots that {@link countBins} would count it in.
 */
export class ProfileLayout {
  /** Length of the vector. */
  readonly slotCount: number;
  private readonly features: readonly (Column & { name: string; dtype: ScalarDtype; slotOf: SlotOf })[];
  private readonly prediction: Column & { slotOf: SlotOf };

  /** @throws InvalidInput when the profile's features are not those of the signature */
  constructor(
    readonly profile: ReferenceProfile,
    signature: ModelSignature,
  ) {
    const dtypes = new Map(signature.inputs.map(({ name, dtype }) => [name, dtype]));
    let offset = 0;
    const column = (bins: BinSpec) => {
      const width = bucketCount(bins) + 1;
      const placed = { offset, width, slotOf: slotFinder(bins) };
      offset += width;
      return placed;
    };
    this.features = profile.features.map(({ name, bins }) => {
      const dtype = dtypes.get(name);
      if (dtype === undefined || (dtype === 'STRING') !== (bins.kind === 'CATEGORICAL'))
        throw new InvalidInput('referenceProfile', `its feature ${name} is not the one of the signature`);
      return { name, dtype, ...column(bins) };
    });
    this.prediction = column(profile.prediction.bins);
    this.slotCount = offset;
  }

  /** Counts a row into a vector. */
  add(counts: Float64Array, { features, probability }: Counted): void {
    for (const { name, dtype, offset, slotOf } of this.features)
      counts[offset + slotOf(toModelInput(dtype, features[name] ?? null))]++;
    counts[this.prediction.offset + this.prediction.slotOf(probability)]++;
  }

  /** A vector as a window without labels. */
  windowOf(counts: Float64Array): CurrentWindow {
    const prediction = binCounts(counts, this.prediction);
    return {
      rowCount: prediction.bins.reduce((sum, count) => sum + count, prediction.nullCount),
      features: this.features.map((column) => binCounts(counts, column)),
      prediction,
      labelled: { probabilities: new Float64Array(), labels: new Uint8Array(), ids: [] },
    };
  }
}

const binCounts = (counts: Float64Array, { offset, width }: Column): BinCounts => ({
  bins: Array.from(counts.subarray(offset, offset + width - 1)),
  nullCount: counts[offset + width - 1],
});

/** Numbers: below, each bin, above. Categories: each level, other. */
const bucketCount = (bins: BinSpec): number =>
  bins.kind === 'CATEGORICAL' ? bins.levels.length + 1 : Math.max(bins.edges.length, 1) + 1;

function slotFinder(bins: BinSpec): SlotOf {
  const nullSlot = bucketCount(bins);
  if (bins.kind === 'CATEGORICAL') {
    const slots = new Map(bins.levels.map((level, slot) => [level, slot]));
    const other = bins.levels.length;
    return (value) => (value === null ? nullSlot : (slots.get(String(value)) ?? other));
  }
  const starts = Float64Array.from(bins.edges.slice(0, -1));
  const end = bins.edges.at(-1) ?? Infinity;
  return (value) => {
    const number = value === null ? NaN : Number(value);
    if (Number.isNaN(number)) return nullSlot;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= number) low = middle + 1;
      else high = middle;
    }
    // The last bin is closed: its end belongs to it.
    return low + Number(number > end);
  };
}
