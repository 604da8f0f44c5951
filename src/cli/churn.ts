import { readConfig } from '../config';
import { createContainer } from '../container';
import { createLogger } from '../logger';
import { StartError } from '../server/start-error';
import { runUntilSignal, untilAborted } from './run-until-signal';
import type { Environment } from './serve';

/** Tells the example's story to a server. */
export type TellStory = (url: string, token: string | null) => Promise<void>;

const ANSWER_TIMEOUT_MS = 2_000;
/** As a shell reports an end by SIGINT. */
const INTERRUPTED = 130;

/**
 * `mooring churn`: tells the example to the server that runs, or to one that is started for it and stopped afterwards.
 * @param url given by the user, on the command line or as MOORING_URL; null: the server on this machine, if there is one
 */
export async function churn(environment: Environment, url: string | null, tellStory: TellStory): Promise<number> {
  const token = environment.MOORING_TOKEN || null;
  const wanted = url ?? `http://127.0.0.1:${readConfig(environment).port}`;
  if (await isMooring(wanted)) {
    await tellStory(wanted, token);
    return 0;
  }
  if (url !== null)
    throw new StartError(
      `No Mooring answers at ${url}. Start one, or leave the address out to run one for the example.`,
    );

  const { MOORING_HOST: _host, ...others } = environment;
  const config = readConfig({
    ...others,
    MOORING_PORT: '0',
    MOORING_LOG_LEVEL: environment.MOORING_LOG_LEVEL || 'warn',
  });
  if (config.authentication === 'tokens' && token === null)
    throw new StartError('MOORING_AUTH is tokens: set MOORING_TOKEN to a token of an ENGINEER.');
  const logger = createLogger(config.logLevel);
  return runUntilSignal(logger, async (lifetime) => {
    const onProgress = (message: string) => void process.stderr.write(`${message}\n`);
    const container = await createContainer(config, { logger, onProgress });
    lifetime.onStop(() => container.stop());
    // Whoever ends it does not wait for the end of the story; what it still asks is then refused.
    if (!lifetime.signal.aborted)
      await Promise.race([tellStory(container.server.url, token), untilAborted(lifetime.signal)]);
    return lifetime.signal.aborted ? INTERRUPTED : 0;
  });
}

/** Something else may listen on that port. */
async function isMooring(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    const body = (await response.json()) as { service?: string };
    return body.service === 'mooring';
  } catch {
    return false;
  }
}
