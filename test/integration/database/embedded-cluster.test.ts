import fs from 'node:fs';
import path from 'node:path';
import { createLogger } from '../../../src/logger';
import { startEmbeddedPostgres } from '../../../src/services/database';
import { createCluster } from '../../../src/services/database/embedded-cluster';
import { findPostgresBinaries } from '../../../src/services/database/postgres-binaries';
import { type CleanupGuard } from '../../support/cleanup-guard';
import { startEmbeddedParent, temporaryDirectory } from '../../support/embedded-parent';

const logger = createLogger('silent');

// initdb takes a second on an idle machine and ten on a crowded one.
jest.setTimeout(120_000);

let directory: string;
let guard: CleanupGuard;
beforeEach(() => ({ directory, guard } = temporaryDirectory()));
afterEach(() => guard.cleanUp());

const leftovers = () => fs.readdirSync(directory).filter((name) => name.startsWith('postgres.new'));

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('making the data directory', () => {
  it('that was cut short by kill -9 is done again from the beginning', async () => {
    const interrupted = startEmbeddedParent(directory).catch((error: unknown) => error);
    await waitUntil(() => leftovers().some((name) => fs.existsSync(path.join(directory, name, 'global'))));
    process.kill(Number(fs.readFileSync(path.join(directory, 'mooring.pid'), 'utf8')), 'SIGKILL');
    await interrupted;
    expect(fs.existsSync(path.join(directory, 'postgres'))).toBe(false);

    const server = await startEmbeddedPostgres({ directory, logger });
    await server.stop();
    expect(leftovers()).toEqual([]);
    expect(fs.existsSync(path.join(directory, 'postgres', 'PG_VERSION'))).toBe(true);
  });

  it('passes on what initdb said when that fails, and leaves nothing', async () => {
    const initdb = path.join(directory, 'initdb');
    fs.writeFileSync(initdb, '#!/bin/sh\necho "initdb: error: no such luck" >&2\nexit 1\n', { mode: 0o755 });
    const binaries = { ...findPostgresBinaries(directory), initdb };
    const account = { owner: null, prefix: [], identity: {} };
    await expect(createCluster(path.join(directory, 'postgres'), binaries, account, { durable: true })).rejects.toThrow(
      'PostgreSQL could not make its data directory: initdb: error: no such luck',
    );
    expect(fs.readdirSync(directory)).toEqual(['initdb']);
  });

  it('is refused where another major version has its data', async () => {
    fs.mkdirSync(path.join(directory, 'postgres'), { mode: 0o700 });
    fs.writeFileSync(path.join(directory, 'postgres', 'PG_VERSION'), '17\n');
    fs.writeFileSync(path.join(directory, 'postgres', 'mooring.password'), 'x\n');
    await expect(startEmbeddedPostgres({ directory, logger })).rejects.toThrow(
      /was made by PostgreSQL 17 and this Mooring brings 18; dump it/,
    );
  });

  it('is refused where something else lies', async () => {
    fs.mkdirSync(path.join(directory, 'postgres'));
    await expect(startEmbeddedPostgres({ directory, logger })).rejects.toThrow(
      /is not a database of Mooring; move it away/,
    );
  });

  it('is refused where a file is in the way', async () => {
    fs.writeFileSync(path.join(directory, 'file'), '');
    for (const wanted of [path.join(directory, 'file'), path.join(directory, 'file', 'below')]) {
      await expect(startEmbeddedPostgres({ directory: wanted, logger })).rejects.toThrow(
        `Cannot write to ${wanted}: it is not a directory. Mend that, or set MOORING_DATA_DIR`,
      );
    }
  });
});
