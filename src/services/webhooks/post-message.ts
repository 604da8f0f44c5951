import { lookup, type LookupAddress } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Attempt } from './delivery-outcome.policy';
import { isPrivateAddress } from '../../private-address';

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PostOptions {
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Posts one message and tells how that went; it never rejects. Redirects are not followed and the answer's body is not read. The address that a name
 * stands for is checked at the moment of connecting, so that a name cannot be public when the webhook is made and private afterwards.
 */
export function postMessage({ url, headers, body }: Message, options: PostOptions): Promise<Attempt> {
  return new Promise((resolve) => {
    const failed = (error: string) => resolve({ status: null, retryAfter: null, error });
    const request = (url.startsWith('https:') ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      // A connection of its own: another one's was perhaps made when less was forbidden.
      agent: false,
      signal: options.signal,
      ...(options.allowPrivate ? {} : { lookup: publicLookup }),
    });
    const timer = setTimeout(() => {
      failed(`there was no answer within ${options.timeoutMs / 1000} s`);
      request.destroy();
    }, options.timeoutMs);
    request.on('response', (response) => {
      const { statusCode = 0 } = response;
      const ok = statusCode >= 200 && statusCode < 300;
      const retryAfter = response.headers['retry-after'] ?? null;
      resolve({ status: statusCode, retryAfter, error: ok ? null : `it answered ${statusCode}` });
      response.destroy();
    });
    request.on('error', (error) => failed(error.message));
    request.on('close', () => clearTimeout(timer));
    request.end(body);
  });
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '', 0);
    const refused = addresses.find(({ address }) => isPrivateAddress(address));
    if (refused) {
      const reason = new Error(
        `${hostname} stands for ${refused.address}, which is in a private network; MOORING_WEBHOOK_ALLOW_PRIVATE=true would allow it`,
      );
      return callback(reason, '', 0);
    }
    if (options.all) return callback(null, addresses);
    return callback(null, addresses[0].address, addresses[0].family);
  });
};
