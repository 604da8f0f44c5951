import path from 'node:path';
import { readConfig } from '../config';
import { ArtifactCollector, FileArtifactStore, rotateArtifacts } from '../services/artifacts';
import type { Environment } from './serve';
import { withDatabase } from './with-database';

/** `mooring artifacts rotate`: no database is needed, and a server may run beside it; exits with 1 when an artifact could not be rewritten. */
export async function rotateKeys(environment: Environment): Promise<number> {
  const { rewritten, current, failed } = await rotateArtifacts(storeOf(environment));
  const [key] = readConfig(environment).artifactKeys;
  process.stdout.write(
    `${rewritten} rewritten, ${current} as they should be (${key ? `encrypted with ${key.id}` : 'unencrypted'}), ${failed.length} failed\n`,
  );
  for (const { digest, problem } of failed) process.stdout.write(`FAILED  ${digest}: ${problem}\n`);
  return failed.length === 0 ? 0 : 1;
}

/** `mooring artifacts gc`: what the server does every hour. */
export function collectArtifacts(environment: Environment): Promise<number> {
  return withDatabase(environment, async ({ dataSource, audit }, actor) => {
    const collector = new ArtifactCollector({ dataSource, audit, store: storeOf(environment) });
    const { removed, freedBytes, adopted } = await collector.collect(actor);
    process.stdout.write(`${removed.length} removed, ${freedBytes} bytes freed\n`);
    if (adopted > 0) process.stdout.write(`${adopted} that the database did not know are held for a day first\n`);
    for (const digest of removed) process.stdout.write(`removed  ${digest}\n`);
    return 0;
  });
}

function storeOf(environment: Environment): FileArtifactStore {
  const { artifactKeys, dataDirectory } = readConfig(environment);
  return new FileArtifactStore(path.join(dataDirectory, 'artifacts'), artifactKeys);
}
