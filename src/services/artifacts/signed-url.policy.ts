import { createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureInvalid, UrlExpired } from './artifact-errors';

/** What a signed address allows, and until when. */
export interface Grant {
  readonly method: 'PUT' | 'GET';
  /** Path of the address, without its query. */
  readonly path: string;
  readonly expiresAt: Date;
  /** What else is signed, by its name in the query. */
  readonly claims: Readonly<Record<string, string>>;
}

/** The address of a grant, from the server's root on: whoever has it may use it until it expires, without a token. */
export function signedUrl({ method, path, expiresAt, claims }: Grant, secret: string): string {
  const expires = String(Math.floor(expiresAt.getTime() / 1000));
  const query = new URLSearchParams({ ...claims, expires });
  query.set('signature', signatureOf(method, path, query, secret));
  return `${path}?${query.toString()}`;
}

/**
 * Checks what came back of an address.
 * @param query its parameters; those that are named twice, or that nobody signed, do not pass
 * @returns the claims
 * @throws SignatureInvalid, UrlExpired
 */
export function checkSignedUrl(
  method: Grant['method'],
  path: string,
  query: URLSearchParams,
  secret: string,
  now: Date,
): Readonly<Record<string, string>> {
  const signed = new URLSearchParams(query);
  signed.delete('signature');
  const given = Buffer.from(query.getAll('signature').join());
  const right = Buffer.from(signatureOf(method, path, signed, secret));
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new SignatureInvalid();
  const { expires, ...claims } = Object.fromEntries(signed);
  const expiresAt = new Date(Number(expires) * 1000);
  if (expiresAt <= now) throw new UrlExpired(expiresAt);
  return claims;
}

/** HMAC-SHA-256 over method, path and every parameter, in base64url. */
function signatureOf(method: string, path: string, query: URLSearchParams, secret: string): string {
  const sorted = [...query].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', secret)
    .update(JSON.stringify([method, path, sorted]))
    .digest('base64url');
}
