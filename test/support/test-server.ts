import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createLogger } from '../../src/logger';
import { startEmbeddedPostgres } from '../../src/services/database';
import { guardCleanup } from './cleanup-guard';
import { beginRun, publishRun } from './test-run';

/** Tests want speed and many connections, and nothing of theirs has to survive a power cut. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '128MB',
};

const endings: (() => Promise<void>)[] = [];

/** One PostgreSQL for the whole run: an embedded one, or the server of MOORING_TEST_DATABASE_URL (a superuser's URL). */
export async function startTestServer(): Promise<void> {
  try {
    const { run, end } = await beginRun(process.env.MOORING_TEST_DATABASE_URL ?? (await startServer()));
    endings.unshift(end);
    publishRun(run);
  } catch (error) {
    await endTestServer();
    throw error;
  }
}

async function startServer(): Promise<string> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-test-'));
  // Root's server runs as another user, who has to get in.
  fs.chmodSync(directory, 0o711);
  const guard = guardCleanup(directory);
  endings.unshift(() => guard.cleanUp());
  const server = await startEmbeddedPostgres({ directory, logger: createLogger('warn'), settings: SETTINGS });
  endings.unshift(() => server.stop());
  return server.adminUrl;
}

/** Undoes the set-up, last thing first. */
export async function endTestServer(): Promise<void> {
  for (const end of endings.splice(0)) await end();
}
