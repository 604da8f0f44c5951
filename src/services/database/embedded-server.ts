import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import { Client } from 'pg';
import { type Logger } from '../../logger';
import { DatabaseStartError } from './database-start-error';
import { lastWords, rolePassword, SUPERUSER } from './embedded-cluster';
import { endOtherSessions, identify } from './embedded-roles';
import { asAccount } from './postgres-account';
import { isPostmasterOf, readPostmaster, stopPostmaster, waitUntilReady } from './postmaster';
import { type ClusterPlace } from './relocate-cluster';

export interface ServerOptions {
  /** Told in a few words what is being done, when it takes a moment. */
  readonly onProgress?: (message: string) => void;
  readonly logger: Logger;
  /** PostgreSQL settings over the defaults, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedServer {
  readonly pid: number;
  readonly port: number;
  /** From now on its end is no news. */
  expectEnd(): void;
}

/** Sized for a laptop or a small container. fsync stays on. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // The largest pool that can be configured is 100; jobs and the sessions that listen come on top.
  max_connections: '130',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  huge_pages: 'off',
  // No replicas, so none of their bookkeeping.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  // Spares three I/O processes; the data of a registry is in memory anyway.
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Errors of statements reach the client that sent them; the log is for the server's own fate.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

/** Recovery after a crash replays up to max_wal_size before the server is ready. */
const START_TIMEOUT_MS = 60_000;
const PORT_ATTEMPTS = 3;

/**
 * Takes over the server that a killed Mooring left running, if it runs with today's binaries and settings; stops it otherwise.
 * @returns null when no server runs any more
 */
export async function takeOverServer(place: ClusterPlace, options: ServerOptions): Promise<EmbeddedServer | null> {
  const { cluster } = place;
  const left = readPostmaster(cluster);
  if (!left || !isPostmasterOf(left.pid, cluster)) return null;
  const ready = await waitUntilReady(cluster, left.pid, () => !isPostmasterOf(left.pid, cluster), START_TIMEOUT_MS);
  if (ready && (await isOurs(place, ready.port, options))) {
    options.logger.info(`Took over PostgreSQL (process ${ready.pid}), which an earlier Mooring left running`);
    return { pid: ready.pid, port: ready.port, expectEnd: () => undefined };
  }
  options.logger.info(`Stopping PostgreSQL (process ${left.pid}), which an earlier Mooring left running`);
  await stopPostmaster(left.pid, cluster);
  return null;
}

async function isOurs(place: ClusterPlace, port: number, options: ServerOptions): Promise<boolean> {
  try {
    return await asSuperuser(place.cluster, port, async (admin) => {
      const server = await identify(admin);
      if (server.dataDirectory !== place.cluster || server.clusterName !== clusterName(place, options)) return false;
      await endOtherSessions(admin);
      return true;
    });
  } catch {
    // It refuses our password or is on its way down.
    return false;
  }
}

/**
 * Starts the server and waits until it answers.
 * @param logFile where it writes from now on; it tells of the present run only
 * @throws DatabaseStartError with the server's last words
 */
export async function startServer(
  logFile: string,
  place: ClusterPlace,
  options: ServerOptions,
): Promise<EmbeddedServer> {
  options.onProgress?.('Starting PostgreSQL');
  for (let attempt = 1; ; attempt += 1) {
    const server = await spawnServer(logFile, await freePort(), place, options);
    if (server) return server;
    const log = fs.readFileSync(logFile, 'utf8');
    // Someone else took the port between our asking for it and the server's.
    if (attempt < PORT_ATTEMPTS && log.includes('Address already in use')) continue;
    throw new DatabaseStartError(`PostgreSQL did not start: ${lastWords(log)} (its log: ${logFile})`);
  }
}

async function spawnServer(
  logFile: string,
  port: number,
  place: ClusterPlace,
  options: ServerOptions,
): Promise<EmbeddedServer | null> {
  const { cluster, binaries, account } = place;
  const settings = { ...SETTINGS, ...options.settings, cluster_name: clusterName(place, options) };
  const switches = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = asAccount(account, binaries, binaries.postgres, ['-D', cluster, '-p', String(port), ...switches]);
  // A process id in postmaster.pid that now belongs to a stranger would make PostgreSQL refuse to start. By this variable (pg_ctl sets it) it
  // knows that the id is none of a server, and it still checks that no old backend holds the shared memory; deleting the file skips that.
  const stale = readPostmaster(cluster);
  const env = stale ? { ...command.options.env, PG_GRANDPARENT_PID: String(stale.pid) } : command.options.env;

  const log = fs.openSync(logFile, 'w', 0o600);
  const child = spawn(command.file, command.args, { ...command.options, env, stdio: ['ignore', log, log] });
  fs.closeSync(log);
  const state = { ended: false, endMatters: false };
  child.once('error', () => (state.ended = true));
  child.once('exit', (code, signal) => {
    state.ended = true;
    if (!state.endMatters) return;
    const words = lastWords(fs.readFileSync(logFile, 'utf8'));
    options.logger.error(`PostgreSQL ended (${signal ?? code}), start Mooring again: ${words}`);
  });
  child.unref();
  const { pid } = child;
  if (pid === undefined) return null;
  const ready = await waitUntilReady(cluster, pid, () => state.ended, START_TIMEOUT_MS);
  if (!ready) {
    await stopPostmaster(pid, cluster);
    return null;
  }
  state.endMatters = true;
  return { pid, port, expectEnd: () => (state.endMatters = false) };
}

/** Changes with the settings and with every installation of the binaries: a server left by another one is not taken over. */
function clusterName(place: ClusterPlace, options: ServerOptions): string {
  const { dev, ino, mtimeMs } = fs.statSync(place.binaries.postgres);
  const parts = JSON.stringify([dev, ino, mtimeMs, SETTINGS, options.settings]);
  return `mooring-${createHash('sha256').update(parts).digest('hex').slice(0, 12)}`;
}

/** Runs the work on a connection of its own as superuser. */
export async function asSuperuser<T>(cluster: string, port: number, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: rolePassword(cluster, SUPERUSER),
    database: 'postgres',
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener a dropped connection would end the process; the query in flight reports it.
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** A port that is free now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
