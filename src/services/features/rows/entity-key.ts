import type { JoinKey, ScalarValue } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { type FeatureRowInput, isProblem, parseValue, toFeatureValue } from './feature-value';

/**
 * The canonical text of an entity's key: the JSON list of its values in the order of the view's join keys. Lists keep (1, 12) and (11, 2) apart,
 * and each value has one spelling, so that equal keys are equal texts.
 */
export const entityKeyOf = (values: readonly (string | number | boolean)[]): string =>
  JSON.stringify(values.map(String));

/** The join keys that a key was made of, as JSON carries them. */
export function entityOfKey(joinKeys: readonly JoinKey[], entityKey: string): FeatureRowInput {
  const texts = JSON.parse(entityKey) as string[];
  const valueOf = ({ dtype }: JoinKey, text: string) => {
    if (dtype === 'BOOL') return text === 'true';
    return dtype === 'DOUBLE' ? Number(text) : text;
  };
  return Object.fromEntries(joinKeys.map((key, index) => [key.name, valueOf(key, texts[index])]));
}

/**
 * The key of an entity as a client names it.
 * @param field path of the entity in the request
 * @throws InvalidInput naming the join key that is missing or of the wrong type
 */
export const parseEntityKey = (
  joinKeys: readonly JoinKey[],
  entity: FeatureRowInput,
  field: readonly string[],
): string => entityKeyOf(parseEntityValues(joinKeys, entity, field));

/**
 * The values of the join keys in their order, each in its one spelling.
 * @throws InvalidInput as parseEntityKey does
 */
export function parseEntityValues(
  joinKeys: readonly JoinKey[],
  entity: FeatureRowInput,
  field: readonly string[],
): Exclude<ScalarValue, null>[] {
  return joinKeys.map(({ name, dtype }) => {
    const value = Object.hasOwn(entity, name) ? entity[name] : null;
    if (value === null) {
      const all = joinKeys.map((key) => key.name).join(', ');
      throw new InvalidInput([...field, name], `is missing; an entity is named by ${all}`);
    }
    const typed = parseValue(dtype, value);
    if (isProblem(typed)) throw new InvalidInput([...field, name], `${JSON.stringify(value)} is not ${typed.expected}`);
    return toFeatureValue(dtype, typed);
  });
}
