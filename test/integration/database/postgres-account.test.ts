import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createLogger } from '../../../src/logger';
import { createCluster } from '../../../src/services/database/embedded-cluster';
import { startServer } from '../../../src/services/database/embedded-server';
import { findPostgresBinaries } from '../../../src/services/database/postgres-binaries';
import { isAlive, stopPostmaster } from '../../../src/services/database/postmaster';
import { relocateCluster } from '../../../src/services/database/relocate-cluster';
import { type CleanupGuard } from '../../support/cleanup-guard';
import { FIXTURE, startEmbeddedParent, temporaryDirectory, type ParentOptions } from '../../support/embedded-parent';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const works = (command: string, args: string[], uid?: number) =>
  spawnSync(command, args, { stdio: 'ignore', ...(uid === undefined ? {} : { uid, gid: uid }) }).status === 0;
/** Root can play an ordinary user only where that user may read this project. */
const canBeNobody = isRoot && works(process.execPath, ['--check', FIXTURE], NOBODY);
const hasUserNamespaces = isRoot && works('unshare', ['--user', `--map-user=${NOBODY}`, 'true']);
const whenRoot = isRoot ? describe : describe.skip;
const whenNamespaces = hasUserNamespaces ? describe : describe.skip;
const whenOrdinary = isRoot ? describe.skip : describe;
const whenNobody = canBeNobody ? describe : describe.skip;

// initdb takes a second on an idle machine and ten on a crowded one.
jest.setTimeout(120_000);

let directory: string;
let guard: CleanupGuard;
beforeEach(() => ({ directory, guard } = temporaryDirectory()));
afterEach(() => guard.cleanUp());

const uidOf = (pid: number) => Number(/^Uid:\t\d+\t(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
const ownerOf = (...names: string[]) => fs.statSync(path.join(directory, ...names)).uid;

/** Starts, stops, and starts again; answers the server's user. */
async function startTwice(dataDirectory: string, options: ParentOptions = {}): Promise<number> {
  const first = await startEmbeddedParent(dataDirectory, options);
  await first.stop();
  const second = await startEmbeddedParent(dataDirectory, options);
  const uid = uidOf(second.server.pid);
  await second.stop();
  expect(isAlive(second.server.pid)).toBe(false);
  return uid;
}

function closedFolder(): string {
  const folder = path.join(directory, 'closed');
  fs.mkdirSync(folder, { mode: 0o700 });
  return path.join(folder, 'data');
}

whenRoot('started by root, PostgreSQL', () => {
  it('runs as nobody, who owns the data', async () => {
    await expect(startTwice(path.join(directory, 'data'))).resolves.toBe(NOBODY);
    expect(ownerOf('data', 'postgres')).toBe(NOBODY);
  });

  it('runs as nobody under a parent that only root may enter', async () => {
    await expect(startTwice(closedFolder())).resolves.toBe(NOBODY);
    expect(ownerOf('closed', 'data', 'postgres')).toBe(NOBODY);
  });

  it('can live elsewhere, with a copy of its binaries', async () => {
    const cluster = path.join(closedFolder(), 'postgres');
    const place = relocateCluster(findPostgresBinaries(directory), cluster, directory);
    expect(relocateCluster(findPostgresBinaries(directory), cluster, directory)).toEqual(place);
    expect(place.cluster).toMatch(/mooring-[0-9a-f]{12}\/postgres$/);
    await createCluster(place.cluster, place.binaries, place.account, { durable: false });
    const server = await startServer(path.join(directory, 'log'), place, { logger: createLogger('silent') });
    expect(uidOf(server.pid)).toBe(NOBODY);
    server.expectEnd();
    await stopPostmaster(server.pid, place.cluster);
  });

  it('is not given a second, empty home when data lies where it cannot reach it', () => {
    const cluster = path.join(closedFolder(), 'postgres');
    fs.mkdirSync(cluster, { recursive: true });
    expect(() => relocateCluster(findPostgresBinaries(directory), cluster, directory)).toThrow('install setpriv');
  });
});

whenNamespaces('started by root where setpriv is missing, PostgreSQL', () => {
  it('runs in a user namespace under a closed parent, and still does when setpriv is back', async () => {
    const tools = path.join(directory, 'bin');
    fs.mkdirSync(tools);
    const unshare = spawnSync('sh', ['-c', 'command -v unshare'], { encoding: 'utf8' }).stdout.trim();
    fs.symlinkSync(unshare, path.join(tools, 'unshare'));
    const data = closedFolder();
    await startTwice(data, { path: tools });
    expect(ownerOf('closed', 'data', 'postgres')).toBe(0);
    await expect(startTwice(data)).resolves.toBe(0);
  });
});

whenOrdinary('started by an ordinary user, PostgreSQL', () => {
  it('runs as that user', async () => {
    await expect(startTwice(path.join(directory, 'data'))).resolves.toBe(process.getuid?.());
  });
});

whenNobody('started by an ordinary user, whom root plays, PostgreSQL', () => {
  it('runs as that user, and again as that user when root starts it', async () => {
    const data = path.join(directory, 'data');
    fs.mkdirSync(data);
    fs.chownSync(data, NOBODY, NOBODY);
    await expect(startTwice(data, { uid: NOBODY })).resolves.toBe(NOBODY);
    await expect(startTwice(data)).resolves.toBe(NOBODY);
    expect(ownerOf('data', 'postgres')).toBe(NOBODY);
  });

  it('is refused the data of another user, with the remedy', async () => {
    const data = path.join(directory, 'data');
    fs.mkdirSync(path.join(data, 'postgres'), { recursive: true });
    fs.chownSync(data, NOBODY, NOBODY);
    await expect(startEmbeddedParent(data, { uid: NOBODY })).rejects.toThrow(
      'belongs to another user (uid 0); start Mooring as that user or as root, or set MOORING_DATA_DIR',
    );
  });

  it('is refused a directory that it cannot write to', async () => {
    await expect(startEmbeddedParent(path.join(directory, 'data'), { uid: NOBODY })).rejects.toThrow(
      'permission denied. Mend that, or set MOORING_DATA_DIR to a directory that you can write to.',
    );
  });
});
