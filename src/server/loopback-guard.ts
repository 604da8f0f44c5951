import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/**
 * Keeps web pages from using the development identity, which asks for no token. A page of another site can make its own name point to 127.0.0.1
 * (DNS rebinding): then the Host header carries that name. It can also open a WebSocket to 127.0.0.1, which no same-origin rule stops: then
 * Origin carries its name. (Other cross-site requests are Apollo's CSRF prevention's business.)
 * @returns why the request is refused, or null
 */
export function refusedInDevelopment({ host = '', origin }: IncomingHttpHeaders): string | null {
  if (!LOOPBACK_HOST.test(host))
    return `The host ${JSON.stringify(host)} is not this machine's loopback address. Use http://127.0.0.1, or run with MOORING_AUTH=tokens.`;
  if (origin !== undefined && !(URL.canParse(origin) && LOOPBACK_HOST.test(new URL(origin).host)))
    return `Pages of ${JSON.stringify(origin)} may not use the development identity. Run with MOORING_AUTH=tokens.`;
  return null;
}
