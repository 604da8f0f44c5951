import http from 'node:http';
import https from 'node:https';
import { publicLookup } from '../../private-address';
import type { Attempt } from './delivery-outcome.policy';

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
 * Posts one message and tells how that went; it never rejects. Redirects are not followed and the answer's body is not read. What
 * was public when the webhook was made may be private by now, or no longer allowed: that is judged at every delivery.
 */
export async function postMessage(message: Message, options: PostOptions): Promise<Attempt> {
  try {
    return await post(message, options);
  } catch (error) {
    return { status: null, retryAfter: null, error: (error as Error).message };
  }
}

function post({ url, headers, body }: Message, { allowPrivate, timeoutMs, signal }: PostOptions): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    const { hostname, protocol } = new URL(url);
    const lookup = allowPrivate ? undefined : publicLookup(hostname, (address) => refused(hostname, address));
    const request = (protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
      lookup,
    });
    const timer = setTimeout(() => {
      request.destroy(new Error(`there was no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    request.on('response', (response) => {
      const { statusCode = 0 } = response;
      const ok = statusCode >= 200 && statusCode < 300;
      const retryAfter = response.headers['retry-after'] ?? null;
      resolve({ status: statusCode, retryAfter, error: ok ? null : `it answered ${statusCode}` });
      response.destroy();
    });
    request.on('error', reject);
    request.on('close', () => clearTimeout(timer));
    request.end(body);
  });
}

const refused = (hostname: string, address: string): Error =>
  new Error(
    `${hostname} stands for ${address}, which is in a private network; MOORING_WEBHOOK_ALLOW_PRIVATE=true would allow it`,
  );
