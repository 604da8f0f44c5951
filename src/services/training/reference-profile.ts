import type { ColumnTable } from '../../columns';
import { InvalidInput } from '../../errors';
import {
  type BinCounts,
  type BinSpec,
  type Calibration,
  binIndexes,
  countBins,
  fitCalibration,
  pitSample,
  referenceBins,
} from '../statistics';

/** Fixed bins, and how the reference fills them. */
export interface Distribution {
  readonly bins: BinSpec;
  readonly counts: BinCounts;
}

/** What held-out rows and the predictions on them looked like: the reference of every later drift report of the version. */
export interface ReferenceProfile {
  readonly formatVersion: 1;
  readonly rowCount: number;
  /** Raw features, before preprocessing. */
  readonly features: readonly (Distribution & { readonly name: string })[];
  readonly prediction: Distribution;
  readonly concept: {
    readonly calibration: Calibration;
    /** Probability integral transforms of held-out rows; a sample where there are many. */
    readonly pit: readonly number[];
    /** The rows of `pit`, in its order. Absent from profiles of before segments were looked at. */
    readonly rows?: ReferenceRows;
  };
}

/** What segments and confounded tests compare with. */
interface ReferenceRows {
  /** The model's probabilities, before calibration. */
  readonly probabilities: readonly number[];
  /** 1 for the positive class, 0 for the other. */
  readonly labels: readonly number[];
  /** In the order of the profile's features: the bin of each row as a byte, in base64, a fifth of the size of JSON numbers. */
  readonly featureBins: readonly string[];
}

/** Beyond this many, a larger reference sharpens the KS test less than it costs to keep: 5,000 against 1,000 current rows detect D = .047. */
export const MAX_PIT_ROWS = 5000;
const PREDICTION_BINS = 20;

/**
 * @param table raw features of the held-out rows. Never training rows: with nothing changed, .88 of windows alarm against those, .05 against held-out ones.
 * @param ids one per row, from which the random part of the transforms is drawn
 */
export function buildReferenceProfile(
  table: ColumnTable,
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  ids: readonly string[],
): ReferenceProfile {
  const features = table.columns.map((column) => {
    const bins = referenceBins(column);
    return { name: column.name, bins, counts: countBins(bins, column) };
  });
  const column = { name: 'probability', kind: 'NUMERIC', values: probabilities } as const;
  const bins = referenceBins(column, PREDICTION_BINS);
  const calibration = fitCalibration(probabilities, labels);
  const pit = pitSample(calibration, { probabilities, labels, ids });
  const step = Math.max(1, pit.length / MAX_PIT_ROWS);
  const kept = Array.from({ length: Math.min(pit.length, MAX_PIT_ROWS) }, (_, index) => Math.floor(index * step));
  return {
    formatVersion: 1,
    rowCount: table.rowCount,
    features,
    prediction: { bins, counts: countBins(bins, column) },
    concept: {
      calibration,
      pit: kept.map((row) => pit[row]),
      rows: {
        probabilities: kept.map((row) => probabilities[row]),
        labels: kept.map((row) => labels[row]),
        featureBins: table.columns.map((column, index) => {
          const bins = binIndexes(features[index].bins, column);
          return Buffer.from(kept.map((row) => bins[row])).toString('base64');
        }),
      },
    },
  };
}

export const serializeReferenceProfile = (profile: ReferenceProfile): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(profile));

/** @throws InvalidInput for a format of another Mooring */
export function parseReferenceProfile(bytes: Uint8Array): ReferenceProfile {
  const profile = JSON.parse(new TextDecoder().decode(bytes)) as ReferenceProfile;
  if (profile.formatVersion !== 1) {
    throw new InvalidInput(
      'referenceProfile',
      `format ${String(profile.formatVersion)} is not known here; train the model again`,
    );
  }
  return profile;
}
