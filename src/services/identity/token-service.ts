import { type DataSource, IsNull, MoreThan } from 'typeorm';
import { ApiToken, type Role, ROLES } from '../../entities';
import { InvalidInput, NotFound, Unauthenticated } from '../../errors';
import type { AuditTrail } from '../audit';
import { inTransaction } from '../database';
import { type Actor, SYSTEM_PREFIX } from './actor';
import { authorize } from './policy';
import { hashToken, looksLikeToken, newTokenSecret } from './token-secret';

const MAX_NAME_LENGTH = 200;

export interface NewToken {
  /** What the token is for. */
  name: string;
  /** Whom its bearer acts as, in the audit trail and everywhere. */
  actor: string;
  roles: readonly Role[];
  /** null: until it is revoked. */
  expiresAt?: Date | null;
}

/** Bearer tokens: made, revoked and recognised. */
export class TokenService {
  constructor(private readonly deps: { dataSource: DataSource; audit: AuditTrail }) {}

  /**
   * Makes a token.
   * @returns the row, and the secret, which is not kept and cannot be shown again
   * @throws InvalidInput | Forbidden
   */
  async create(input: NewToken, by: Actor): Promise<{ token: ApiToken; secret: string }> {
    authorize(by, 'token.manage');
    const { name, actor, roles, expiresAt } = checked(input, new Date());
    const secret = newTokenSecret();
    const token = await inTransaction(this.deps.dataSource, async (manager) => {
      const values = { name, actor, roles, expiresAt, tokenHash: hashToken(secret), createdBy: by.name };
      const created = await manager.save(manager.create(ApiToken, values));
      const details = { name, actor, roles, expiresAt: expiresAt?.toISOString() ?? null };
      await this.deps.audit.append(manager, {
        modelId: null,
        actor: by,
        action: 'token.create',
        subject: `ApiToken:${created.id}`,
        details,
      });
      return created;
    });
    return { token, secret };
  }

  /**
   * Ends a token; from the next request on it is refused. Revoking twice changes nothing.
   * @throws NotFound | Forbidden
   */
  async revoke(id: string, by: Actor): Promise<ApiToken> {
    authorize(by, 'token.manage');
    return inTransaction(this.deps.dataSource, async (manager) => {
      const token = await manager.findOne(ApiToken, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!token) throw new NotFound('token', id, '', ['input', 'id']);
      if (token.revokedAt) return token;
      token.revokedAt = new Date();
      await manager.update(ApiToken, { id }, { revokedAt: token.revokedAt });
      await this.deps.audit.append(manager, {
        modelId: null,
        actor: by,
        action: 'token.revoke',
        subject: `ApiToken:${id}`,
        details: { name: token.name, actor: token.actor },
      });
      return token;
    });
  }

  /** Every token, the newest first, the revoked and expired ones too. */
  async list(by: Actor): Promise<ApiToken[]> {
    authorize(by, 'token.manage');
    return this.deps.dataSource.manager.find(ApiToken, { order: { createdAt: 'DESC', id: 'ASC' } });
  }

  /**
   * Who bears this token.
   * @param bearer the token itself, without "Bearer "
   * @throws Unauthenticated saying whether it is unknown, revoked or expired
   */
  async authenticate(bearer: string, requestId: string): Promise<Actor & { expiresAt: Date | null }> {
    if (!looksLikeToken(bearer)) throw new Unauthenticated('This is not a token of Mooring.');
    const token = await this.deps.dataSource.manager.findOneBy(ApiToken, { tokenHash: hashToken(bearer) });
    if (!token) throw new Unauthenticated('This token is not known.');
    if (token.revokedAt) throw new Unauthenticated('This token was revoked.');
    if (token.expiresAt && token.expiresAt <= new Date()) throw new Unauthenticated('This token has expired.');
    return { name: token.actor, roles: token.roles.filter(isRole), requestId, expiresAt: token.expiresAt };
  }

  /** Whether anybody could pass: without one, a server that asks for tokens must not start. */
  async hasActiveTokens(): Promise<boolean> {
    return this.deps.dataSource.manager.existsBy(ApiToken, [
      { revokedAt: IsNull(), expiresAt: IsNull() },
      { revokedAt: IsNull(), expiresAt: MoreThan(new Date()) },
    ]);
  }
}

const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

function checked(input: NewToken, now: Date): Required<NewToken> & { roles: Role[] } {
  const name = input.name.trim();
  const actor = input.actor.trim();
  const roles = [...new Set(input.roles)];
  const expiresAt = input.expiresAt ?? null;
  for (const [field, text] of Object.entries({ name, actor })) {
    if (text === '' || text.length > MAX_NAME_LENGTH)
      throw new InvalidInput(`input.${field}`, `must have 1 to ${MAX_NAME_LENGTH} characters`);
  }
  if (actor.startsWith(SYSTEM_PREFIX))
    throw new InvalidInput(
      'input.actor',
      `names that begin with ${SYSTEM_PREFIX} belong to Mooring itself; choose another`,
    );
  const unknown = roles.find((role) => !ROLES.includes(role));
  if (unknown !== undefined)
    throw new InvalidInput('input.roles', `${unknown} is not a role; they are ${ROLES.join(', ')}`);
  if (roles.length === 0) throw new InvalidInput('input.roles', `give at least one of ${ROLES.join(', ')}`);
  if (expiresAt && !(expiresAt > now))
    throw new InvalidInput('input.expiresAt', 'must lie in the future; leave it out for a token that does not expire');
  return { name, actor, roles, expiresAt };
}
