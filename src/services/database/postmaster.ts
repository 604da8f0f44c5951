import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a running server says of itself in postmaster.pid. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Answers connections; false while it starts or recovers. */
  readonly ready: boolean;
}

const POLL_MS = 10;
/** A fast shutdown writes a checkpoint; past this the server is told to stop without one and recovers at its next start. */
const FAST_SHUTDOWN_MS = 30_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

/** @returns null when the file is missing or not yet complete */
export function readPostmaster(cluster: string): Postmaster | null {
  const file = path.join(cluster, 'postmaster.pid');
  if (!fs.existsSync(file)) return null;
  // PostgreSQL's LOCK_FILE_LINE_…: pid, data directory, start time, port, socket directory, listen address, shared memory key, status.
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/** A zombie counts as dead: in a container nobody may reap the children of a killed process. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/^\d+ \(.*\) Z /s.test(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Whether the process is a PostgreSQL server of this cluster, and not one that got the same id after a crash. */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false;
  // Windows shows no command line without a further tool; there the process id decides.
  if (process.platform === 'win32') return true;
  return commandLine(pid).includes(`-D ${cluster} `);
}

function commandLine(pid: number): string {
  if (process.platform !== 'linux') {
    return spawnSync('ps', ['-ww', '-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout ?? '';
  }
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Ends the server in order (clients are disconnected, a checkpoint is written) and waits until it is gone. */
export async function stopPostmaster(pid: number, cluster: string): Promise<void> {
  const steps = [
    { signal: 'SIGINT', patienceMs: FAST_SHUTDOWN_MS },
    { signal: 'SIGQUIT', patienceMs: IMMEDIATE_SHUTDOWN_MS },
  ] as const;
  for (const { signal, patienceMs } of steps) {
    if (!isPostmasterOf(pid, cluster)) return;
    signalPostmaster(pid, cluster, signal);
    const deadline = Date.now() + patienceMs;
    while (isAlive(pid) && Date.now() < deadline) await sleep(POLL_MS);
  }
}

/** SIGINT asks PostgreSQL for a fast shutdown, SIGQUIT for an immediate one. */
export function signalPostmaster(pid: number, cluster: string, signal: 'SIGINT' | 'SIGQUIT'): void {
  if (!isPostmasterOf(pid, cluster)) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Waits until the server of the cluster answers connections.
 * @param hasEnded asked between looks; true gives up at once
 * @returns null when the server ended first or did not get ready in time
 */
export async function waitUntilReady(
  cluster: string,
  pid: number,
  hasEnded: () => boolean,
  patienceMs: number,
): Promise<Postmaster | null> {
  const deadline = Date.now() + patienceMs;
  while (!hasEnded() && Date.now() < deadline) {
    const postmaster = readPostmaster(cluster);
    if (postmaster?.ready && postmaster.pid === pid) return postmaster;
    await sleep(POLL_MS);
  }
  return null;
}
