import { randomUUID } from 'node:crypto';
import { AuditEntry } from '../../../src/entities';
import { Forbidden, InvalidInput, NotFound, Unauthenticated } from '../../../src/errors';
import { AuditTrail } from '../../../src/services/audit';
import { type NewToken, TokenService, systemActor } from '../../../src/services/identity';
import { newTokenSecret } from '../../../src/services/identity/token-secret';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

const admin = systemActor('system:test', 'r1');
const viewer = { name: 'vera', requestId: 'r2', roles: ['VIEWER'] as const };
const wanted: NewToken = { name: 'the pipeline', actor: 'pipeline', roles: ['SERVICE'] };

let database: TestDatabase;
let audit: AuditTrail;
let tokens: TokenService;

beforeAll(async () => {
  database = await createTestDatabase();
  audit = new AuditTrail({ dataSource: database.dataSource });
  tokens = new TokenService({ dataSource: database.dataSource, audit });
});

afterAll(() => database.drop());

beforeEach(() => database.dataSource.query('DELETE FROM api_tokens'));

const expire = (id: string) =>
  database.dataSource.query(`UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);

test('whoever bears a token is the actor that it was made for, in this request', async () => {
  const expiresAt = new Date(Date.now() + 60_000);
  const { secret } = await tokens.create({ ...wanted, expiresAt }, admin);
  expect(await tokens.authenticate(secret, 'r7')).toEqual({
    name: 'pipeline',
    roles: ['SERVICE'],
    requestId: 'r7',
    expiresAt,
  });
});

test('only the hash of a secret is kept', async () => {
  const { token, secret } = await tokens.create(wanted, admin);
  const rows = await database.dataSource.query<unknown[]>('SELECT t::text FROM api_tokens t');
  expect(JSON.stringify(rows)).not.toContain(secret.slice('mooring_'.length));
  expect(token.tokenHash).toHaveLength(32);
});

test('a token that was revoked, has expired, or never was, is refused with the reason', async () => {
  const revoked = await tokens.create(wanted, admin);
  await tokens.revoke(revoked.token.id, admin);
  const expired = await tokens.create(wanted, admin);
  await expire(expired.token.id);
  await expect(tokens.authenticate(revoked.secret, 'r')).rejects.toThrow('This token was revoked.');
  await expect(tokens.authenticate(expired.secret, 'r')).rejects.toThrow('This token has expired.');
  await expect(tokens.authenticate(newTokenSecret(), 'r')).rejects.toThrow('This token is not known.');
  await expect(tokens.authenticate('password', 'r')).rejects.toThrow(Unauthenticated);
});

test('making and revoking a token stands in the audit trail of the platform, without the secret', async () => {
  const { token, secret } = await tokens.create(wanted, admin);
  await tokens.revoke(token.id, admin);
  const entries = await database.dataSource.manager.find(AuditEntry, {
    where: { chain: 'platform', subject: `ApiToken:${token.id}` },
    order: { sequence: 'ASC' },
  });
  expect(entries.map(({ action, actor, requestId }) => [action, actor, requestId])).toEqual([
    ['token.create', 'system:test', 'r1'],
    ['token.revoke', 'system:test', 'r1'],
  ]);
  expect(JSON.stringify(entries)).not.toContain(secret);
  expect(await audit.verify(null)).toMatchObject({ valid: true });
});

test('revoking twice is one revocation', async () => {
  const { token } = await tokens.create(wanted, admin);
  const first = await tokens.revoke(token.id, admin);
  const second = await tokens.revoke(token.id, admin);
  expect(second.revokedAt).toEqual(first.revokedAt);
  const subject = `ApiToken:${token.id}`;
  expect(await database.dataSource.manager.countBy(AuditEntry, { subject, action: 'token.revoke' })).toBe(1);
});

test('an unknown token cannot be revoked', async () => {
  await expect(tokens.revoke(randomUUID(), admin)).rejects.toThrow(NotFound);
});

test('only administrators make, revoke and list tokens', async () => {
  const { token } = await tokens.create(wanted, admin);
  await expect(tokens.create(wanted, viewer)).rejects.toThrow(Forbidden);
  await expect(tokens.revoke(token.id, viewer)).rejects.toThrow(Forbidden);
  await expect(tokens.list(viewer)).rejects.toThrow(Forbidden);
  expect((await tokens.list(admin)).map(({ id }) => id)).toEqual([token.id]);
});

test.each<[string, Partial<NewToken>, string]>([
  ['an empty name', { name: ' ' }, 'name'],
  ['an empty actor', { actor: '' }, 'actor'],
  ['an actor that signs as the server', { actor: 'system:drift-trigger' }, 'actor'],
  ['no roles', { roles: [] }, 'roles'],
  ['a role that does not exist', { roles: ['OWNER' as never] }, 'roles'],
  ['an expiry in the past', { expiresAt: new Date(0) }, 'expiresAt'],
  ['an expiry that is no date', { expiresAt: new Date(Number.NaN) }, 'expiresAt'],
])('%s is refused by field', async (_, changes, field) => {
  const refused = tokens.create({ ...wanted, ...changes }, admin);
  await expect(refused).rejects.toThrow(InvalidInput);
  await expect(refused).rejects.toMatchObject({ field: ['input', field] });
});

test('tokens are configured as soon as one is active', async () => {
  expect(await tokens.hasActiveTokens()).toBe(false);
  const { token } = await tokens.create(wanted, admin);
  expect(await tokens.hasActiveTokens()).toBe(true);
  await expire(token.id);
  expect(await tokens.hasActiveTokens()).toBe(false);
  const { token: another } = await tokens.create({ ...wanted, expiresAt: new Date(Date.now() + 60_000) }, admin);
  expect(await tokens.hasActiveTokens()).toBe(true);
  await tokens.revoke(another.id, admin);
  expect(await tokens.hasActiveTokens()).toBe(false);
});
