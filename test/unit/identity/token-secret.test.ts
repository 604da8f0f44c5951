import { hashToken, looksLikeToken, newTokenSecret } from '../../../src/services/identity/token-secret';

test('a secret has a recognisable prefix and 256 random bits', () => {
  const secrets = Array.from({ length: 100 }, newTokenSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) {
    expect(secret.startsWith('mooring_')).toBe(true);
    expect(Buffer.from(secret.slice('mooring_'.length), 'base64url')).toHaveLength(32);
    expect(looksLikeToken(secret)).toBe(true);
  }
});

test.each([
  '',
  'mooring_',
  'mooring_short',
  `Bearer ${newTokenSecret()}`,
  newTokenSecret().slice('mooring_'.length),
  `${newTokenSecret()} `,
])('%p is no token', (text) => {
  expect(looksLikeToken(text)).toBe(false);
});

test('the hash is the SHA-256 of the secret', () => {
  // printf mooring_x | sha256sum
  expect(hashToken('mooring_x').toString('hex')).toBe(
    '1725a78d0e1ced2dd2da7ba96f7a0b95b4faba42983b7ef32fa3ad1f212e4273',
  );
});
