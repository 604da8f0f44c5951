import type { ModelSignature } from '../../entities';
import { InvalidInput } from '../../errors';
import {
  countFrom,
  exactly,
  finite,
  isObject,
  type JsonCheck,
  listOf,
  name,
  objectOf,
  ratio,
  text,
} from '../../json-check';
import { type BinCounts, type BinSpec, type Calibration, MAX_LEVELS, MAX_NUMERIC_BINS } from '../statistics';
import { type Distribution, MAX_PIT_ROWS, parseReferenceProfile, type ReferenceProfile } from './reference-profile';

const MAX_FEATURES = 10_000;

const edges: JsonCheck<readonly number[]> = (value, place) => {
  const found = listOf(finite, MAX_NUMERIC_BINS + 1)(value, place);
  if (found.length === 1) throw new InvalidInput([place], 'has one edge; give both ends of every bin, or none');
  // Two equal last edges are one value's own bin.
  const fault = found.findIndex((edge, index) =>
    index < found.length - 1 ? edge <= found[index - 1] : edge < found[index - 1],
  );
  if (fault > 0) throw new InvalidInput([`${place}[${fault}]`], 'is not above the edge before it; give them ascending');
  return found;
};
const levels: JsonCheck<readonly string[]> = (value, place) => {
  const found = listOf(text, MAX_LEVELS)(value, place);
  if (new Set(found).size < found.length) throw new InvalidInput([place], 'has a level twice; give each once');
  return found;
};
const numericBins = objectOf({ kind: exactly('NUMERIC'), edges });
const categoricalBins = objectOf({ kind: exactly('CATEGORICAL'), levels });
const bins: JsonCheck<BinSpec> = (value, place) =>
  isObject(value) && value['kind'] === 'CATEGORICAL' ? categoricalBins(value, place) : numericBins(value, place);

const counts = objectOf<BinCounts>({
  bins: listOf(countFrom(0), Math.max(MAX_LEVELS, MAX_NUMERIC_BINS) + 2),
  nullCount: countFrom(0),
});

const calibration = objectOf<Calibration>({
  kind: exactly('PLATT'),
  intercept: finite,
  slope: finite,
  covariance: objectOf({ intercept: finite, slope: finite, both: finite }),
});

const label: JsonCheck<number> = (value, place) => (value === 0 ? 0 : exactly(1)(value, place));

const format = objectOf<ReferenceProfile>({
  formatVersion: exactly(1),
  rowCount: countFrom(1),
  features: listOf(objectOf<ReferenceProfile['features'][number]>({ name, bins, counts }), MAX_FEATURES),
  prediction: objectOf<Distribution>({ bins: numericBins, counts }),
  concept: objectOf<ReferenceProfile['concept']>(
    {
      calibration,
      pit: listOf(ratio, MAX_PIT_ROWS),
      rows: objectOf({
        probabilities: listOf(ratio, MAX_PIT_ROWS),
        labels: listOf(label, MAX_PIT_ROWS),
        featureBins: listOf(text, MAX_FEATURES),
      }),
    },
    ['rows'],
  ),
});

/**
 * Holds an uploaded profile of a binary classifier against the format and the signature, whole: predictions are counted into its bins from the first one
 * on, and nobody is there then to mend it.
 * @throws InvalidInput naming the place in the JSON, such as `features[3].bins.edges`
 */
export function checkReferenceProfile(bytes: Uint8Array, { inputs }: ModelSignature): ReferenceProfile {
  const profile = format(parseReferenceProfile(bytes), '');
  const { features, prediction, rowCount } = profile;
  const dtypes = new Map(inputs.map(({ name, dtype }) => [name, dtype]));
  features.forEach((feature, index) => {
    const place = `features[${index}]`;
    const dtype = dtypes.get(feature.name);
    if (dtype === undefined)
      throw new InvalidInput(
        [`${place}.name`],
        `is ${feature.name}, which the signature does not have, or which is there twice`,
      );
    dtypes.delete(feature.name);
    const kind = dtype === 'STRING' ? 'CATEGORICAL' : 'NUMERIC';
    if (feature.bins.kind !== kind)
      throw new InvalidInput([`${place}.bins.kind`], `must be ${kind}: ${feature.name} is ${dtype} in the signature`);
    checkCounts(feature, rowCount, place);
  });
  checkCounts(prediction, rowCount, 'prediction');
  checkRows(profile);
  return profile;
}

function checkCounts({ bins: spec, counts: found }: Distribution, rowCount: number, place: string): void {
  const length = spec.kind === 'CATEGORICAL' ? spec.levels.length + 1 : Math.max(2, spec.edges.length + 1);
  if (found.bins.length !== length)
    throw new InvalidInput(
      [`${place}.counts.bins`],
      `has ${found.bins.length} counts, and its bins with their buckets are ${length}`,
    );
  const total = found.bins.reduce((sum, count) => sum + count, found.nullCount);
  if (total !== rowCount)
    throw new InvalidInput([`${place}.counts`], `counts ${total} rows, and rowCount is ${rowCount}. Count every row`);
}

/** The rows of the transforms, in their order. */
function checkRows({ features, concept: { pit, rows } }: ReferenceProfile): void {
  if (!rows) return;
  for (const column of ['probabilities', 'labels'] as const)
    if (rows[column].length !== pit.length)
      throw new InvalidInput([`concept.rows.${column}`], `has ${rows[column].length} rows, and pit has ${pit.length}`);
  if (rows.featureBins.length !== features.length)
    throw new InvalidInput(
      ['concept.rows.featureBins'],
      `is of ${rows.featureBins.length} features, and the profile has ${features.length}`,
    );
  rows.featureBins.forEach((encoded, index) => {
    const found = Buffer.from(encoded, 'base64');
    const buckets = features[index].counts.bins.length + 1;
    if (found.length !== pit.length || found.some((bin) => bin >= buckets))
      throw new InvalidInput(
        [`concept.rows.featureBins[${index}]`],
        `must be one byte for each of the ${pit.length} rows in base64, the number of its bin: 0 to ${buckets - 1}`,
      );
  });
}
