import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { readConfig } from '../config';
import { createContainer } from '../container';
import { createLogger } from '../logger';
import { graphqlRequest } from './graphql-request';
import { runUntilSignal, untilAborted } from './run-until-signal';

/** Lies in the data directory while the example is told, so that the next start goes on with one that was cut off. */
const EXAMPLE_UNDER_WAY = 'example-under-way';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `mooring serve`: what a container runs. Logs are all that it writes. */
export function serve(environment: Environment): Promise<number> {
  const config = readConfig(environment);
  const logger = createLogger(config.logLevel);
  return runUntilSignal(logger, async (lifetime) => {
    const container = await createContainer(config, { logger });
    lifetime.onStop(() => container.stop());
    logger.info({ url: container.server.url }, 'ready');
    await untilAborted(lifetime.signal);
    return 0;
  });
}

/** `npm start`: serves, tells the example on an empty registry (or goes on with it where it was interrupted), and says where to look. */
export function start(environment: Environment): Promise<number> {
  // A person reads this terminal: without being asked to, the log speaks up only when something is amiss.
  const config = readConfig({ ...environment, MOORING_LOG_LEVEL: environment.MOORING_LOG_LEVEL || 'warn' });
  const logger = createLogger(config.logLevel);
  return runUntilSignal(logger, async (lifetime) => {
    const container = await createContainer(config, { logger, onProgress: say });
    lifetime.onStop(() => container.stop());
    const { url } = container.server;
    const token = environment.MOORING_TOKEN || null;
    if (config.authentication === 'tokens' && token === null) {
      say('The example was not run: set MOORING_TOKEN to a token of an ENGINEER, and run "npx mooring churn".');
    } else {
      await tellExample(url, token, path.join(config.dataDirectory, EXAMPLE_UNDER_WAY), lifetime.signal);
    }
    if (!lifetime.signal.aborted) process.stdout.write(whereToLook(url));
    await untilAborted(lifetime.signal);
    say('Stopping');
    return 0;
  });
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** On an empty registry, and where an earlier start was ended in its middle. @param underWay the file that tells so */
async function tellExample(url: string, token: string | null, underWay: string, signal: AbortSignal): Promise<void> {
  const wasInterrupted = fs.existsSync(underWay);
  if (!wasInterrupted && !(await isEmptyRegistry(url, token))) return;
  if (wasInterrupted) say(`The churn example was interrupted; it goes on at ${url}`);
  else say(`No models yet, so the churn example is told to ${url}`);
  fs.writeFileSync(underWay, '');
  const end = await runExample(url, signal);
  if (end !== 'INTERRUPTED') fs.rmSync(underWay, { force: true });
  if (end !== 'SUCCEEDED' && !signal.aborted)
    say('The example failed. The server keeps serving; "npx mooring churn" runs the example again.');
}

/**
 * `mooring churn` as a process of its own: it is a client as any other, uses the second core, and its rows do not swell the server's memory
 * (after the story 480 MB, against 570 MB with it inside).
 * @returns how it ended; it has said itself what went wrong. INTERRUPTED: by a signal, to it or to us
 */
function runExample(url: string, signal: AbortSignal): Promise<'SUCCEEDED' | 'FAILED' | 'INTERRUPTED'> {
  const [, script = ''] = process.argv;
  const child = spawn(process.execPath, [script, 'churn', '--url', url], {
    stdio: ['ignore', 'inherit', 'inherit'],
    signal,
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(signal.aborted ? 'INTERRUPTED' : 'FAILED'));
    child.once('close', (code) => resolve(code === null ? 'INTERRUPTED' : code === 0 ? 'SUCCEEDED' : 'FAILED'));
  });
}

async function isEmptyRegistry(url: string, token: string | null): Promise<boolean> {
  const query = 'query HasModels { models(first: 1) { nodes { name } } }';
  const { models } = await graphqlRequest<{ models: { nodes: unknown[] } }>({ url, token, query });
  return models.nodes.length === 0;
}

const whereToLook = (url: string): string => `
  Playground   ${url}/playground
  GraphQL      ${url}/graphql   (subscriptions: the same address by WebSocket)
  Metrics      ${url}/metrics
  Health       ${url}/readyz

  A query to paste into the playground:

    query Models {
      models {
        nodes {
          name
          production {
            version
            metrics { name value }
          }
          transitions(first: 5) {
            nodes { modelVersion { version } fromStage toStage actor createdAt }
          }
        }
      }
    }

  Ctrl-C stops everything.
`;
