import { InvalidInput } from '../../errors';

const SHAPE = /^[\w.-]{1,255}$/;
/** What would be read as something else: the newest version, version 3, a stage. */
const RESERVED = /^(?:latest|v\d+|none|staging|production|archived)$/i;

/** @throws InvalidInput unless a version may be called so */
export function checkAlias(alias: string): void {
  if (!SHAPE.test(alias))
    throw new InvalidInput('input.alias', 'an alias is 1 to 255 letters, digits, "_", "-" or "."');
  if (RESERVED.test(alias)) {
    throw new InvalidInput(
      'input.alias',
      `${JSON.stringify(alias)} is reserved: "latest", "v1", "v2", … and the names of stages would be taken for something else. Choose another one, such as "champion"`,
    );
  }
}
