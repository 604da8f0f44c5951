import { randomBytes } from 'node:crypto';
import { decrypt, derivedKey, encrypt, NONCE_BYTES, TAG_BYTES } from '../../authenticated-encryption';
import type { NamedKey } from '../../config';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
const SALT_BYTES = 32;
/** `sealed:<id of the key>:<base64 of salt, tag and ciphertext>`; what does not begin so is the secret itself. */
const SEALED = /^sealed:([\w.-]{1,64}):([A-Za-z0-9+/=]+)$/;
/** Every sealing has a key of its own, by its salt. */
const NONCE = Buffer.alloc(NONCE_BYTES);

/** A secret that this server cannot sign with, as its operator can mend. */
export class SecretUnreadable extends Error {}

export const newWebhookSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64');

/** The key that signs, as Standard Webhooks has it: the bytes behind the prefix. */
export const signingKeyOf = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), 'base64');

/**
 * What is to be stored of a secret.
 * @param webhookId whose it is: it opens for no other
 * @param keys the first one encrypts; none: it is stored as it is
 */
export function sealSecret(secret: string, webhookId: string, [key]: readonly NamedKey[]): string {
  if (!key) return secret;
  const salt = randomBytes(SALT_BYTES);
  const { body, tag } = encrypt(keyFor(key, webhookId, salt), NONCE, Buffer.from(secret));
  return `sealed:${key.id}:${Buffer.concat([salt, tag, body]).toString('base64')}`;
}

/**
 * The secret behind what is stored.
 * @param keys any of which may have encrypted it
 * @throws SecretUnreadable
 */
export function openSecret(stored: string, webhookId: string, keys: readonly NamedKey[]): string {
  const [, keyId, text] = SEALED.exec(stored) ?? [];
  if (keyId === undefined || text === undefined) return stored;
  const key = keys.find(({ id }) => id === keyId);
  if (!key)
    throw new SecretUnreadable(`its secret is encrypted with the key ${keyId}, which is not in MOORING_ARTIFACT_KEYS`);
  const bytes = Buffer.from(text, 'base64');
  const [salt, tag, body] = [
    bytes.subarray(0, SALT_BYTES),
    bytes.subarray(SALT_BYTES, SALT_BYTES + TAG_BYTES),
    bytes.subarray(SALT_BYTES + TAG_BYTES),
  ];
  const secret = tag.length === TAG_BYTES ? decrypt(keyFor(key, webhookId, salt), NONCE, body, tag) : null;
  if (!secret)
    throw new SecretUnreadable(
      `its secret is not as it was encrypted with the key ${keyId}; make a new one with updateWebhook(rotateSecret: true)`,
    );
  return secret.toString();
}

/** Whether it is stored as it would be stored today. */
export const isSealedWith = (stored: string, [key]: readonly NamedKey[]): boolean =>
  (SEALED.exec(stored)?.[1] ?? null) === (key?.id ?? null);

const keyFor = ({ key }: NamedKey, webhookId: string, salt: Buffer): Buffer =>
  derivedKey(key, Buffer.concat([Buffer.from(`mooring webhook ${webhookId} `, 'ascii'), salt]));
