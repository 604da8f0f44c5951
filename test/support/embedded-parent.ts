import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { guardCleanup, type CleanupGuard } from './cleanup-guard';

export interface EmbeddedFigures {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  readonly port: number;
}

/** A Node process of its own that has started the embedded PostgreSQL of a data directory. */
export interface EmbeddedParent {
  readonly pid: number;
  readonly server: EmbeddedFigures;
  /** Stops PostgreSQL in order; resolves when the process has ended. */
  stop(): Promise<void>;
  /** Ends the process by exit() without stopping PostgreSQL. */
  exit(): Promise<void>;
  /** kill -9 of the process alone. */
  kill(): Promise<void>;
}

export interface ParentOptions {
  /** Run as this user and group. */
  readonly uid?: number;
  /** Replaces the search path. */
  readonly path?: string;
}

export const FIXTURE = path.join(__dirname, 'embedded-postgres-process.js');

/** @throws Error with what the process said on stderr when PostgreSQL did not start */
export async function startEmbeddedParent(directory: string, { uid, path: searchPath }: ParentOptions = {}) {
  const child = spawn(process.execPath, [FIXTURE, directory], {
    ...(uid === undefined ? {} : { uid, gid: uid }),
    env: { ...process.env, PATH: searchPath ?? process.env.PATH },
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve, reject) => child.once('error', reject).once('exit', () => resolve()));
  const complaint = text(child.stderr);
  const line = await new Promise<string>((resolve) => {
    child.stdout
      .setEncoding('utf8')
      .once('data', resolve)
      .once('end', () => resolve(''));
  });
  if (line === '') throw new Error((await complaint).trim());
  const end = async (how: () => unknown) => {
    how();
    await ended;
  };
  return {
    pid: child.pid ?? -1,
    server: JSON.parse(line) as EmbeddedFigures,
    stop: () => end(() => child.stdin.write('q')),
    exit: () => end(() => child.stdin.write('x')),
    kill: () => end(() => child.kill('SIGKILL')),
  } satisfies EmbeddedParent;
}

/** A temporary directory that PostgreSQL's account may enter, with the guard that empties it. */
export function temporaryDirectory(): { directory: string; guard: CleanupGuard } {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-embedded-')));
  fs.chmodSync(directory, 0o711);
  return { directory, guard: guardCleanup(directory) };
}
