import path from 'node:path';
import { readConfig } from '../config';
import { ArtifactCollector, FileArtifactStore, rotateArtifacts } from '../services/artifacts';
import { rotateWebhookSecrets } from '../services/webhooks';
import type { Environment } from './serve';
import { withDatabase } from './with-database';

/** `mooring artifacts rotate`: also of the secrets of webhooks, so that a key can go after it; exits with 1 when something could not be rewritten. */
export function rotateKeys(environment: Environment): Promise<number> {
  const { artifactKeys } = readConfig(environment);
  const [key] = artifactKeys;
  const how = key ? `encrypted with ${key.id}` : 'unencrypted';
  return withDatabase(environment, async ({ dataSource }) => {
    const artifacts = await rotateArtifacts(storeOf(environment));
    const secrets = await rotateWebhookSecrets(dataSource, artifactKeys);
    for (const [what, { rewritten, current, failed }] of Object.entries({ artifacts, 'webhook secrets': secrets }))
      process.stdout.write(
        `${what}: ${rewritten} rewritten, ${current} as they should be (${how}), ${failed.length} failed\n`,
      );
    for (const { digest, problem } of artifacts.failed) process.stdout.write(`FAILED  ${digest}: ${problem}\n`);
    for (const { webhookId, problem } of secrets.failed)
      process.stdout.write(`FAILED  webhook ${webhookId}: ${problem}\n`);
    return artifacts.failed.length + secrets.failed.length === 0 ? 0 : 1;
  });
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
