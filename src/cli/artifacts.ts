import path from 'node:path';
import { readConfig } from '../config';
import { FileArtifactStore, rotateArtifacts } from '../services/artifacts';
import type { Environment } from './serve';

/** `mooring artifacts rotate`: no database is needed, and a server may run beside it; exits with 1 when an artifact could not be rewritten. */
export async function rotateKeys(environment: Environment): Promise<number> {
  const { artifactKeys, dataDirectory } = readConfig(environment);
  const store = new FileArtifactStore(path.join(dataDirectory, 'artifacts'), artifactKeys);
  const { rewritten, current, failed } = await rotateArtifacts(store);
  const [key] = artifactKeys;
  process.stdout.write(
    `${rewritten} rewritten, ${current} as they should be (${key ? `encrypted with ${key.id}` : 'unencrypted'}), ${failed.length} failed\n`,
  );
  for (const { digest, problem } of failed) process.stdout.write(`FAILED  ${digest}: ${problem}\n`);
  return failed.length === 0 ? 0 : 1;
}
