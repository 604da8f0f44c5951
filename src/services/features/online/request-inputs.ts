import type { RequestInput } from '../../../entities';
import { InvalidInput } from '../../../errors';
import { type FeatureRowInput, isProblem, parseValue, toFeatureValue } from '../rows/feature-value';
import type { ReadFeature } from './on-demand-values';

/**
 * What comes with a request for an entity, as if it had been read: as old as the request itself.
 * @param requestInputs of the service
 * @param given absent where the request carries none
 * @param pathOf what is given in the request
 * @throws InvalidInput naming the input that is missing, unknown or of another type
 */
export function readRequestInputs(
  requestInputs: readonly RequestInput[],
  given: FeatureRowInput | null | undefined,
  pathOf: () => readonly string[],
): (at: Date) => [string, ReadFeature][] {
  const row = given ?? {};
  const unknown = Object.keys(row).find((name) => !requestInputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    const names = requestInputs.map(({ name }) => name).join(', ');
    throw new InvalidInput([...pathOf(), unknown], `the service takes no such input; it takes ${names || 'none'}`);
  }
  const values = requestInputs.map(({ name, dtype }) => {
    // As with given features: an absent name is more often a mistake than a missing value, so the latter is said.
    if (!Object.hasOwn(row, name))
      throw new InvalidInput(
        [...pathOf(), name],
        `is missing: features are computed from it (${dtype}); send null if it is not known`,
      );
    const value = row[name];
    if (value === null) return { name, dtype, value };
    const typed = parseValue(dtype, value);
    if (isProblem(typed))
      throw new InvalidInput([...pathOf(), name], `${JSON.stringify(value)} is not ${typed.expected}, nor null`);
    return { name, dtype, value: toFeatureValue(dtype, typed) };
  });
  return (at) =>
    values.map(({ name, dtype, value }) => {
      const status = value === null ? 'NULL' : 'PRESENT';
      return [name, { dtype, read: { name, value, status, eventTimestamp: at, ageSeconds: 0 } }];
    });
}
