import type { FeatureValue, ModelSignature } from '../../entities';
import { InvalidInput } from '../../errors';
import { isProblem, parseValue, toFeatureValue } from '../features';

/**
 * Checks the features that a caller gives for a prediction against the signature.
 * @param field path of the row in the request
 * @returns one value per input of the signature, each in the spelling of its type (INT64 as text, TIMESTAMP in UTC): the same features have the same
 *   hash, whether they are given or come from the online store
 * @throws InvalidInput naming the feature that is missing, unknown or of another type
 */
export function readGivenFeatures(
  { inputs }: ModelSignature,
  given: Readonly<Record<string, FeatureValue>>,
  field: readonly string[],
): Record<string, FeatureValue> {
  const known = new Set(inputs.map(({ name }) => name));
  const unknown = Object.keys(given).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new InvalidInput([...field, unknown], `the model takes no such feature; it takes ${[...known].join(', ')}`);

  const values = inputs.map(({ name, dtype }): [string, FeatureValue] => {
    // An absent name is far more often a mistake than a missing value, so the latter is said.
    if (!Object.hasOwn(given, name))
      throw new InvalidInput([...field, name], 'is missing; send null if it is not known');
    const value = given[name];
    if (value === null) return [name, null];
    const typed = parseValue(dtype, value);
    if (isProblem(typed))
      throw new InvalidInput([...field, name], `${JSON.stringify(value)} is not ${typed.expected}, nor null`);
    return [name, toFeatureValue(dtype, typed)];
  });
  return Object.fromEntries(values);
}
