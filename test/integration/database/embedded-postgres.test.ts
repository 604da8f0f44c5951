import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { pino } from 'pino';
import { createLogger } from '../../../src/logger';
import { DatabaseStartError, startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/services/database';
import { isAlive } from '../../../src/services/database/postmaster';
import { type CleanupGuard } from '../../support/cleanup-guard';
import { startEmbeddedParent, temporaryDirectory } from '../../support/embedded-parent';

const logger = createLogger('silent');
const FIRST_START = 'Making the database (only at the first start)';

// initdb takes a second on an idle machine and ten on a crowded one.
jest.setTimeout(120_000);

let directory: string;
let guard: CleanupGuard;
const running: EmbeddedPostgres[] = [];

/** The cluster is made once and shared: every test starts and stops the server in it. */
beforeAll(() => ({ directory, guard } = temporaryDirectory()));
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});
afterAll(() => guard.cleanUp());

const inside = (...names: string[]) => path.join(directory, ...names);

async function start(options: { settings?: Record<string, string>; logger?: typeof logger } = {}) {
  const progress: string[] = [];
  const onProgress = (message: string) => progress.push(message);
  const server = await startEmbeddedPostgres({ directory, logger, onProgress, ...options });
  running.push(server);
  return { server, progress };
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function expectRefusal(message: string | RegExp): Promise<void> {
  const refusal = await start().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(DatabaseStartError);
  expect((refusal as Error).message).toMatch(message);
  expect((refusal as Error).message).not.toContain('\n');
}

describe('the embedded PostgreSQL', () => {
  it('makes its data directory once and keeps its data between starts', async () => {
    const first = await start();
    expect(first.progress).toEqual([FIRST_START, 'Starting PostgreSQL']);
    await query(first.server.ownerUrl, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (42)');
    await first.server.stop();
    const second = await start();
    expect(second.progress).toEqual(['Starting PostgreSQL']);
    await expect(query(second.server.ownerUrl, 'SELECT id FROM kept')).resolves.toEqual([{ id: 42 }]);
    expect(fs.statSync(inside('postgres')).mode & 0o777).toBe(0o700);
    expect(fs.statSync(inside('postgres', 'mooring.password')).mode & 0o777).toBe(0o600);
  });

  it('leaves no process, no lock and no port behind when it stops, and may be stopped twice', async () => {
    const { server } = await start();
    await Promise.all([server.stop(), server.stop()]);
    expect(isAlive(server.pid)).toBe(false);
    expect(fs.existsSync(inside('postgres', 'postmaster.pid'))).toBe(false);
    expect(fs.existsSync(inside('mooring.pid'))).toBe(false);
    await expect(query(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('listens on loopback only and lets nobody in without the password', async () => {
    const { server } = await start();
    const [settings] = await query(
      server.adminUrl,
      `SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets,
              current_setting('fsync') AS fsync, current_setting('password_encryption') AS passwords`,
    );
    expect(settings).toEqual({ listen: '127.0.0.1', sockets: '', fsync: 'on', passwords: 'scram-sha-256' });
    const stranger = new URL(server.url);
    stranger.password = 'guess';
    await expect(query(stranger.toString(), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('has two roles: one owns the schema, the other is an ordinary user of it', async () => {
    const { server } = await start();
    const roleOf = 'SELECT current_user::text AS name, rolsuper AS super FROM pg_roles WHERE rolname = current_user';
    await expect(query(server.ownerUrl, roleOf)).resolves.toEqual([{ name: 'mooring_owner', super: false }]);
    await expect(query(server.url, roleOf)).resolves.toEqual([{ name: 'mooring', super: false }]);
    await expect(query(server.url, 'CREATE TABLE mine (id int)')).rejects.toThrow(
      'permission denied for schema public',
    );
  });

  it('sorts text by code point on every machine', async () => {
    const { server } = await start();
    const rows = await query(server.url, `SELECT x FROM unnest(ARRAY['b', 'Z', 'ä', 'a']) AS x ORDER BY x`);
    expect(rows.map(({ x }) => x)).toEqual(['Z', 'a', 'b', 'ä']);
  });

  it('that does not start passes on why, and gives the directory free', async () => {
    const failing = start({ settings: { shared_buffers: 'plenty' } });
    await expect(failing).rejects.toThrow(/^PostgreSQL did not start: .*invalid value for parameter "shared_buffers"/);
    expect(fs.existsSync(inside('mooring.pid'))).toBe(false);
    await expect(start()).resolves.toHaveProperty('progress', ['Starting PostgreSQL']);
  });

  it('is said to have ended when it ends by itself', async () => {
    const lines: string[] = [];
    const { server } = await start({ logger: pino({}, { write: (line) => lines.push(line) }) });
    process.kill(server.pid, 'SIGINT');
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lines.join('')).toContain('PostgreSQL ended (0), start Mooring again');
  });
});

describe('a second start on the same data directory', () => {
  it('is refused in the same process and in another, naming the process and the remedy', async () => {
    await start();
    const message = `Another Mooring (process ${process.pid}) is using ${directory}. Stop it (kill ${process.pid}), or set MOORING_DATA_DIR to another directory.`;
    await expectRefusal(message);
    await expect(startEmbeddedParent(directory)).rejects.toThrow(message);
  });

  it('is refused through another path to it', async () => {
    await start();
    const link = `${directory}-link`;
    fs.symlinkSync(directory, link);
    try {
      await expect(startEmbeddedPostgres({ directory: link, logger })).rejects.toThrow('Another Mooring');
    } finally {
      fs.rmSync(link);
    }
  });

  it('is not refused because of the process file of a process that died', async () => {
    fs.writeFileSync(inside('mooring.pid'), `${process.ppid}\n`);
    await expect(start()).resolves.toHaveProperty('progress', ['Starting PostgreSQL']);
  });
});

describe('after kill -9 of Mooring', () => {
  it('the next start takes over the PostgreSQL that was left, and ends the sessions of the dead', async () => {
    const parent = await startEmbeddedParent(directory);
    const orphan = new Client({ connectionString: parent.server.url });
    orphan.on('error', () => undefined);
    await orphan.connect();
    await parent.kill();
    expect(isAlive(parent.server.pid)).toBe(true);

    const { server, progress } = await start();
    expect(server).toMatchObject({ pid: parent.server.pid, port: parent.server.port });
    expect(progress).toEqual([]);
    await expect(orphan.query('SELECT 1')).rejects.toThrow();
    await expect(query(server.url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await server.stop();
    expect(isAlive(parent.server.pid)).toBe(false);
  });

  it('a PostgreSQL that was left with other settings is stopped, and a new one started', async () => {
    const parent = await startEmbeddedParent(directory);
    await parent.kill();
    const { server, progress } = await start({ settings: { work_mem: '8MB' } });
    expect(server.pid).not.toBe(parent.server.pid);
    expect(isAlive(parent.server.pid)).toBe(false);
    expect(progress).toEqual(['Starting PostgreSQL']);
  });

  it('and of PostgreSQL too, the next start recovers what was committed', async () => {
    const parent = await startEmbeddedParent(directory);
    await query(parent.server.url.replace(/mooring$/, 'mooring'), 'CREATE TEMP TABLE gone (id int)');
    await query(
      parent.server.adminUrl,
      'CREATE TABLE IF NOT EXISTS survived (id int); INSERT INTO survived VALUES (1)',
    );
    process.kill(parent.server.pid, 'SIGKILL');
    await parent.kill();
    const { server } = await start();
    await expect(query(server.adminUrl, 'SELECT id FROM survived')).resolves.toEqual([{ id: 1 }]);
  });
});

describe('an exit of Mooring without stopping', () => {
  it('still ends PostgreSQL', async () => {
    const parent = await startEmbeddedParent(directory);
    await parent.exit();
    while (isAlive(parent.server.pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(fs.existsSync(inside('postgres', 'postmaster.pid'))).toBe(false);
  });
});

describe('a stale postmaster.pid', () => {
  const pretend = (pid: number) => {
    const file = inside('postgres', 'postmaster.pid');
    fs.writeFileSync(
      file,
      `${pid}\n${inside('postgres')}\n1763900000\n5999\n\n127.0.0.1\n        0         0\nready   \n`,
    );
    const { uid, gid } = fs.statSync(inside('postgres'));
    fs.chownSync(file, uid, gid);
  };

  it('of a dead process is no hindrance', async () => {
    const { pid } = spawnSync('true');
    pretend(pid);
    await expect(start()).resolves.toHaveProperty('progress', ['Starting PostgreSQL']);
  });

  it('whose process id now belongs to a stranger is no hindrance, and the stranger lives on', async () => {
    const { uid, gid } = fs.statSync(inside('postgres'));
    const stranger = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' });
    try {
      pretend(stranger.pid!);
      const { server } = await start();
      await server.stop();
      expect(isAlive(stranger.pid!)).toBe(true);
    } finally {
      stranger.kill();
    }
  });
});
