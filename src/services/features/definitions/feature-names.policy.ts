import { InvalidInput } from '../../../errors';

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const RESERVED = ['event_timestamp', 'created_timestamp'];

/**
 * Names of entities, views, services, join keys and fields. They become columns of Parquet files and of SQL, and parts of `view__field`.
 * @param field path of the name in the request
 * @throws InvalidInput
 */
export function checkName(name: string, field: readonly string[]): void {
  if (RESERVED.includes(name))
    throw new InvalidInput(field, `${JSON.stringify(name)} is reserved for Mooring's own columns; choose another name`);
  if (!NAME.test(name)) {
    throw new InvalidInput(
      field,
      `${JSON.stringify(name)} is not a name; use 1 to 63 lower-case letters, digits and "_", beginning with a letter`,
    );
  }
}

/**
 * @param field path of the list in the request
 * @throws InvalidInput when a name comes twice or is not a name
 */
export function checkNames(names: readonly string[], field: readonly string[]): void {
  names.forEach((name, index) => {
    const at = [...field, String(index), 'name'];
    checkName(name, at);
    if (names.indexOf(name) !== index) throw new InvalidInput(at, `${JSON.stringify(name)} comes twice`);
  });
}
