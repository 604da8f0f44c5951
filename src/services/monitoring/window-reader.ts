import type { Column } from '../../columns';
import type { ScalarDtype, ModelVersion } from '../../entities';
import { toModelInput } from '../features';
import type { LoggedPrediction, PredictionReader } from '../predictions';
import { type BinCounts, countBins, mergeBinCounts } from '../statistics';
import type { ReferenceProfile } from '../training';
import type { SegmentRequest } from './concept-analysis.policy';
import type { CurrentWindow } from './drift-analysis.policy';

export interface WindowRequest {
  readonly version: ModelVersion;
  readonly profile: ReferenceProfile;
  readonly from: Date;
  readonly to: Date;
  /** Predictions of the first millisecond up to this one are left out. */
  readonly afterId?: string | null;
  /** The feature of whose labelled rows the values are kept; absent or null: of none. */
  readonly segmentFeature?: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (rowCount: number) => void;
}

/** A window, and with `segmentFeature` that feature's values in its labelled rows. */
export interface WindowRead extends CurrentWindow {
  readonly segments: SegmentRequest | null;
}

/**
 * Counts the logged predictions of a window into the bins of the version's reference profile, page by page: of rows only probability, outcome, id
 * and the value of one feature are kept, and those only where the outcome is known.
 */
export async function readWindow(predictions: PredictionReader, request: WindowRequest): Promise<WindowRead> {
  const { version, profile, from, to, afterId, segmentFeature, signal, onProgress } = request;
  const dtypes = new Map(version.signature.inputs.map(({ name, dtype }) => [name, dtype]));
  const count = (page: readonly LoggedPrediction[]) => countPage(profile, dtypes, page);
  let counts = count([]);
  let rowCount = 0;
  const probabilities: number[] = [];
  const labels: number[] = [];
  const ids: string[] = [];
  const segmentRows: Pick<LoggedPrediction, 'features'>[] = [];

  for await (const page of predictions.window(version.id, from, to, afterId)) {
    signal.throwIfAborted();
    counts = mergeCounts(counts, count(page));
    rowCount += page.length;
    for (const { id, probability, outcome, features } of page) {
      if (outcome === null) continue;
      probabilities.push(probability);
      labels.push(Number(outcome));
      ids.push(id);
      if (segmentFeature) segmentRows.push({ features: { [segmentFeature]: features[segmentFeature] ?? null } });
    }
    onProgress(rowCount);
  }
  const labelled = { probabilities: Float64Array.from(probabilities), labels: Uint8Array.from(labels), ids };
  const segments = segmentFeature ? segmentRequest(segmentFeature, profile, dtypes, segmentRows) : null;
  return { rowCount, ...counts, labelled, segments };
}

/** A feature that the version does not have has no values, and the analysis says so. */
function segmentRequest(
  feature: string,
  profile: ReferenceProfile,
  dtypes: ReadonlyMap<string, ScalarDtype>,
  labelled: readonly Pick<LoggedPrediction, 'features'>[],
): SegmentRequest {
  const isKnown = profile.features.some(({ name }) => name === feature);
  if (!isKnown) return { feature, column: { name: feature, kind: 'CATEGORICAL', values: [] } };
  return { feature, column: featureColumn(feature, dtypes.get(feature), labelled) };
}

type WindowCounts = Pick<CurrentWindow, 'features' | 'prediction'>;

function countPage(
  profile: ReferenceProfile,
  dtypes: ReadonlyMap<string, ScalarDtype>,
  page: readonly LoggedPrediction[],
): WindowCounts {
  const probabilities = Float64Array.from(page, ({ probability }) => probability);
  return {
    features: profile.features.map(({ name, bins }) => countBins(bins, featureColumn(name, dtypes.get(name), page))),
    prediction: countBins(profile.prediction.bins, { name: 'probability', kind: 'NUMERIC', values: probabilities }),
  };
}

const mergeCounts = (a: WindowCounts, b: WindowCounts): WindowCounts => ({
  features: a.features.map((counts, index): BinCounts => mergeBinCounts(counts, b.features[index])),
  prediction: mergeBinCounts(a.prediction, b.prediction),
});

/** A feature of a page in the form in which the reference was counted. */
function featureColumn(
  name: string,
  dtype: ScalarDtype | undefined,
  page: readonly Pick<LoggedPrediction, 'features'>[],
): Column {
  if (dtype === undefined) throw new Error(`The profile's feature ${name} is not in the signature of its version.`);
  const inputs = page.map(({ features }) => toModelInput(dtype, features[name] ?? null));
  return dtype === 'STRING'
    ? { name, kind: 'CATEGORICAL', values: inputs.map((input) => (input === null ? null : String(input))) }
    : { name, kind: 'NUMERIC', values: Float64Array.from(inputs, (input) => (input === null ? NaN : Number(input))) };
}
