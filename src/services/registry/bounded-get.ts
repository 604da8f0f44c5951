import http from 'node:http';
import https from 'node:https';
import { publicLookup } from '../../private-address';
import { TrackingProblem } from './tracking-problem';

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
  const { timeoutMs, signal } = options;
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
    const lookup = privateAllowed ? undefined : publicLookup(url.hostname, () => refused(url.host));
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

const tooLarge = (maxBytes: number): string => `larger than ${maxBytes / 1024 / 1024} MB; it is not imported`;

const refused = (host: string): TrackingProblem =>
  new TrackingProblem(
    `${host} has a private address, and the configuration does not allow it. Name the host in MOORING_MLFLOW_HOSTS and restart Mooring.`,
  );
