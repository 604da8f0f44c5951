import fc from 'fast-check';
import { SignatureInvalid, UrlExpired } from '../../../src/services/artifacts/artifact-errors';
import { checkSignedUrl, signedUrl } from '../../../src/services/artifacts/signed-url.policy';

const SECRET = 'a secret that is long enough for a test';
const NOW = new Date('2026-11-03T10:00:00Z');
const LATER = new Date('2026-11-03T11:00:00Z');
const grant = {
  method: 'PUT',
  path: '/artifacts/uploads/1',
  expiresAt: LATER,
  claims: { size: '5', sha256: 'ab' },
} as const;

const queryOf = (url: string) => new URL(url, 'http://any').searchParams;
const check = (query: URLSearchParams, now = NOW, method: 'PUT' | 'GET' = 'PUT', path: string = grant.path) =>
  checkSignedUrl(method, path, query, SECRET, now);

describe('A signed address', () => {
  it('passes as it was given, with its claims', () => {
    const url = signedUrl(grant, SECRET);
    expect(url.startsWith('/artifacts/uploads/1?')).toBe(true);
    expect(check(queryOf(url))).toEqual({ size: '5', sha256: 'ab' });
  });

  it('passes for one method and one path only, and not under another secret', () => {
    const query = queryOf(signedUrl(grant, SECRET));
    expect(() => check(query, NOW, 'GET')).toThrow(SignatureInvalid);
    expect(() => check(query, NOW, 'PUT', '/artifacts/uploads/2')).toThrow(SignatureInvalid);
    expect(() => checkSignedUrl('PUT', grant.path, query, 'another secret', NOW)).toThrow(SignatureInvalid);
  });

  it('ends at its time', () => {
    const query = queryOf(signedUrl(grant, SECRET));
    expect(check(query, new Date(LATER.getTime() - 1))).toEqual(grant.claims);
    expect(() => check(query, LATER)).toThrow(UrlExpired);
  });

  it('does not pass with any parameter changed, added, repeated or left out', () => {
    const signed = queryOf(signedUrl(grant, SECRET));
    const name = fc.constantFrom(...signed.keys(), 'other');
    fc.assert(
      fc.property(name, fc.string(), fc.constantFrom('set', 'append', 'delete'), (key, value, change) => {
        const query = new URLSearchParams(signed);
        if (change === 'delete') query.delete(key);
        else query[change](key, value);
        fc.pre(query.toString() !== signed.toString());
        expect(() => check(query)).toThrow(SignatureInvalid);
      }),
    );
  });
});
