import type { ApiToken } from '../entities';
import { fromGlobalId, toGlobalId } from '../schema/global-id';
import type { Role } from '../services/identity';
import type { Environment } from './serve';
import { withDatabase } from './with-database';

export interface CreateTokenFlags {
  readonly name: string;
  readonly actor: string;
  readonly role: readonly string[];
  readonly expires?: Date;
}

/** `mooring token create`: the secret, and nothing else, goes to stdout. */
export function createToken(
  environment: Environment,
  { name, actor, role, expires }: CreateTokenFlags,
): Promise<number> {
  return withDatabase(environment, async ({ tokens }, by) => {
    const roles = role.map((text) => text.toUpperCase()) as Role[];
    const { token, secret } = await tokens.create({ name, actor, roles, expiresAt: expires ?? null }, by);
    process.stderr.write(`${describe(token)}\nIt is shown this once:\n`);
    process.stdout.write(`${secret}\n`);
    return 0;
  });
}

/** `mooring token list` */
export function listTokens(environment: Environment): Promise<number> {
  return withDatabase(environment, async ({ tokens }, by) => {
    const all = await tokens.list(by);
    if (all.length === 0) process.stderr.write('There are no tokens.\n');
    process.stdout.write(all.map((token) => `${describe(token)}\n`).join(''));
    return 0;
  });
}

/** `mooring token revoke` */
export function revokeToken(environment: Environment, id: string): Promise<number> {
  const key = fromGlobalId(id, 'ApiToken');
  return withDatabase(environment, async ({ tokens }, by) => {
    process.stdout.write(`${describe(await tokens.revoke(key, by))}\n`);
    return 0;
  });
}

function describe(token: ApiToken): string {
  const state = token.revokedAt
    ? `revoked ${token.revokedAt.toISOString()}`
    : token.expiresAt
      ? `until ${token.expiresAt.toISOString()}`
      : 'does not expire';
  return [toGlobalId('ApiToken', token.id), token.name, token.actor, token.roles.join(','), state].join('  ');
}
