import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guardCleanup } from './cleanup-guard';
import { freePort } from './free-port';

export interface ServerProcessOptions {
  /** Without it the server starts an embedded PostgreSQL in its data directory. */
  readonly databaseUrl?: string;
  readonly migrationDatabaseUrl?: string;
  /** Kept by whoever gives it; without it a temporary one is made, and removed by `stop`. */
  readonly dataDirectory?: string;
  /** More environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What follows `mooring` on the command line. */
  readonly args?: readonly string[];
  readonly readyTimeoutMs?: number;
  /** Runs in a process group of its own, as a terminal makes one: `kill` then reaches its children too, as Ctrl-C does. */
  readonly ownGroup?: boolean;
}

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  /** For example http://127.0.0.1:40123 */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDirectory: string;
  readonly exited: Promise<ServerExit>;
  /** All that it wrote so far to stdout and stderr. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after 20 s; removes a temporary data directory and what still ran there. Idempotent. */
  stop(): Promise<void>;
}

const REPOSITORY = path.resolve(__dirname, '..', '..');
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;

/**
 * Starts the compiled server as a process of its own on a free loopback port and waits until `/readyz` answers 200. It cannot outlive the test
 * process, however that ends.
 * @throws Error with the server's output when it exits or is not ready in time
 */
export async function startServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const temporary = options.dataDirectory === undefined;
  const dataDirectory = options.dataDirectory ?? fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-server-'));
  if (temporary) fs.chmodSync(dataDirectory, 0o711);
  const port = await freePort();
  const child = spawn(process.execPath, [path.join(REPOSITORY, 'bin', 'mooring.js'), ...(options.args ?? ['serve'])], {
    env: { ...inheritedEnvironment(), ...serverEnvironment(port, dataDirectory, options), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exited = new Promise<ServerExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('The server process could not be made');
  const target = options.ownGroup ? -pid : pid;
  const guard = guardCleanup(dataDirectory, { pid: target, keepDirectory: !temporary });
  child.once('exit', () => guard.processEnded());

  const stop = async () => {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(killer);
    await guard.cleanUp();
  };
  let stopping: Promise<void> | undefined;
  const server: ServerProcess = {
    url: `http://127.0.0.1:${port}`,
    port,
    pid,
    dataDirectory,
    exited,
    output: () => output,
    kill: (signal) => {
      if (options.ownGroup) process.kill(target, signal);
      else child.kill(signal);
    },
    stop: () => (stopping ??= stop()),
  };
  try {
    await waitUntilReady(server, () => child.exitCode !== null || child.signalCode !== null, options);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Mooring's own variables of whoever runs the tests must not reach the server. */
function inheritedEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(MOORING_|DATABASE_URL$|MIGRATION_DATABASE_URL$)/.test(name)),
  );
}

function serverEnvironment(port: number, dataDirectory: string, options: ServerProcessOptions) {
  return {
    MOORING_HOST: '127.0.0.1',
    MOORING_PORT: String(port),
    MOORING_DATA_DIR: dataDirectory,
    DATABASE_URL: options.databaseUrl,
    MIGRATION_DATABASE_URL: options.migrationDatabaseUrl,
  };
}

async function waitUntilReady(
  server: ServerProcess,
  hasExited: () => boolean,
  { readyTimeoutMs = READY_TIMEOUT_MS }: ServerProcessOptions,
): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  while (Date.now() < deadline) {
    if (hasExited()) throw new Error(`The server exited before it was ready:\n${server.output()}`);
    if (await isReady(server.url)) return;
    await sleep(50);
  }
  throw new Error(`The server was not ready after ${readyTimeoutMs} ms:\n${server.output()}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}
