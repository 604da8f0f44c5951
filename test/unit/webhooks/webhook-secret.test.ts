import { randomBytes } from 'node:crypto';
import type { NamedKey } from '../../../src/config';
import {
  isSealedWith,
  newWebhookSecret,
  openSecret,
  sealSecret,
  SecretUnreadable,
} from '../../../src/services/webhooks/webhook-secret';

const NEW: NamedKey = { id: '2026-11', key: randomBytes(32) };
const OLD: NamedKey = { id: '2025-11', key: randomBytes(32) };
const secret = newWebhookSecret();

describe('A secret that is stored', () => {
  it('is encrypted with the first key, differently each time, and opens again', () => {
    const [one, two] = [sealSecret(secret, 'a', [NEW, OLD]), sealSecret(secret, 'a', [NEW, OLD])];
    expect(one).toMatch(/^sealed:2026-11:/);
    expect(one).not.toContain(secret.slice(6, 16));
    expect(one).not.toBe(two);
    expect(openSecret(one, 'a', [NEW])).toBe(secret);
  });

  it('opens with any key of the ring, and tells whether it is that of today', () => {
    const stored = sealSecret(secret, 'a', [OLD]);
    expect(openSecret(stored, 'a', [NEW, OLD])).toBe(secret);
    expect([[OLD], [NEW, OLD], []].map((keys) => isSealedWith(stored, keys))).toEqual([true, false, false]);
  });

  it('stays as it is without keys, and is readable with them', () => {
    expect(sealSecret(secret, 'a', [])).toBe(secret);
    expect(openSecret(secret, 'a', [NEW])).toBe(secret);
    expect([[], [NEW]].map((keys) => isSealedWith(secret, keys))).toEqual([true, false]);
  });

  it('names the key that is missing', () => {
    const stored = sealSecret(secret, 'a', [OLD]);
    expect(() => openSecret(stored, 'a', [NEW])).toThrow(
      'its secret is encrypted with the key 2025-11, which is not in MOORING_ARTIFACT_KEYS',
    );
  });

  it('opens for no other webhook, with no other key of that name, and not when a bit was turned or the end cut off', () => {
    const stored = sealSecret(secret, 'a', [NEW]);
    const [, , text] = stored.split(':');
    const bytes = Buffer.from(text, 'base64');
    const turned = Array.from(bytes, (_, at) =>
      Buffer.from(bytes.map((byte, other) => (other === at ? byte ^ 1 : byte))),
    );
    const cut = Array.from(bytes, (_, length) => bytes.subarray(0, length));
    const forged = [...turned, ...cut.slice(1)].map((other) => `sealed:2026-11:${other.toString('base64')}`);
    for (const other of forged) expect(() => openSecret(other, 'a', [NEW])).toThrow(SecretUnreadable);
    expect(() => openSecret(stored, 'b', [NEW])).toThrow(SecretUnreadable);
    expect(() => openSecret(stored, 'a', [{ id: NEW.id, key: OLD.key }])).toThrow(SecretUnreadable);
  });
});
