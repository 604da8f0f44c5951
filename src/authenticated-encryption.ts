import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * A key for one purpose and one thing: HKDF-SHA-256 (RFC 5869) without salt.
 * @param info names purpose and thing; what differs in it has another key
 */
export const derivedKey = (masterKey: Buffer, info: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), info, KEY_BYTES));

/**
 * AES-256-GCM.
 * @param nonce 12 bytes; never the same twice with one key
 * @returns as many bytes as the plaintext has, and a tag of 16
 */
export function encrypt(key: Buffer, nonce: Buffer, plaintext: Buffer): { body: Buffer; tag: Buffer } {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = cipher.update(plaintext);
  cipher.final();
  return { body, tag: cipher.getAuthTag() };
}

/** @returns null when it is not what was encrypted with this key and nonce */
export function decrypt(key: Buffer, nonce: Buffer, body: Buffer, tag: Buffer): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(body);
  try {
    decipher.final();
    return plaintext;
  } catch {
    return null;
  }
}
