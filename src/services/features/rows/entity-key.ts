import type { JoinKey } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { type FeatureRowInput, isProblem, parseValue, toFeatureValue } from './feature-value';

/**
 * The canonical text of an entity's key: the JSON list of its values in the order of the view's join keys. Lists keep (1, 12) and (11, 2) apart,
 * and each value has one spelling, so that equal keys are equal texts.
 */
export const entityKeyOf = (values: readonly (string | number | boolean)[]): string =>
  JSON.stringify(values.map(String));

/**
 * The key of an entity as a client names it.
 * @param field path of the entity in the request
 * @throws InvalidInput naming the join key that is missing or of the wrong type
 */
export function parseEntityKey(
  joinKeys: readonly JoinKey[],
  entity: FeatureRowInput,
  field: readonly string[],
): string {
  const values = joinKeys.map(({ name, dtype }) => {
    const value = Object.hasOwn(entity, name) ? entity[name] : null;
    if (value === null) {
      const all = joinKeys.map((key) => key.name).join(', ');
      throw new InvalidInput([...field, name], `is missing; an entity is named by ${all}`);
    }
    const typed = parseValue(dtype, value);
    if (isProblem(typed)) throw new InvalidInput([...field, name], `${JSON.stringify(value)} is not ${typed.expected}`);
    return toFeatureValue(dtype, typed);
  });
  return entityKeyOf(values);
}
