import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { TrackingProblem } from './tracking-problem';
import { isPrivateAddress } from '../../private-address';

export interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Buffer;
}

export interface GetLimits {
  /** For the whole answer, from the look-up of the name on. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

interface GetOptions extends GetLimits {
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it may lead to this machine and its network. */
  readonly privateAllowed: boolean;
  readonly signal: AbortSignal;
}

/**
 * One GET over a connection of its own: within the time, the bytes and the addresses that are allowed. Redirects are the caller's.
 * @throws TrackingProblem saying what went wrong; the signal's reason when it was aborted
 */
export async function boundedGet(url: URL, options: GetOptions): Promise<Answer> {
  const { timeoutMs, privateAllowed, signal } = options;
  if (!privateAllowed && /^\[|^[\d.]+$/.test(url.hostname) && isPrivateAddress(url.hostname)) throw refused(url.host);
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await get(url, options, AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TrackingProblem) throw error;
    if (timeout.aborted) throw new TrackingProblem(`${url.host} gave no whole answer within ${timeoutMs / 1000} s.`);
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TrackingProblem(`${url.host} cannot be asked: ${code ?? message}.`);
  }
}

function get(url: URL, { headers, maxBytes, privateAllowed }: GetOptions, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    // No agent: a connection that is kept might lead to what the name meant before.
    const lookup = privateAllowed ? undefined : publicAddresses;
    const call = request(url, { headers, signal, agent: false, lookup }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size > maxBytes) call.destroy(new TrackingProblem(`The answer of ${url.host} is ${tooLarge(maxBytes)}.`));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        const { statusCode: status = 0 } = response;
        resolve({ status, location: response.headers.location ?? null, body: Buffer.concat(chunks) });
      });
      response.on('error', (error) =>
        reject(size > maxBytes ? new TrackingProblem(`The answer of ${url.host} is ${tooLarge(maxBytes)}.`) : error),
      );
    });
    call.on('error', reject);
    call.end();
  });
}

/** Judged where the connection is made: a name that is looked up twice can mean two things. */
const publicAddresses: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    if (addresses.some(({ address }) => isPrivateAddress(address))) return callback(refused(hostname), []);
    const [first] = addresses;
    return options.all ? callback(null, addresses) : callback(null, first?.address ?? '', first?.family);
  });
};

const tooLarge = (maxBytes: number): string => `larger than ${maxBytes / 1024 / 1024} MB; it is not imported`;

const refused = (host: string): TrackingProblem =>
  new TrackingProblem(
    `${host} has a private address, and the configuration does not allow it. Name the host in MOORING_MLFLOW_HOSTS and restart Mooring.`,
  );
