import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LAUNCHER = path.join(__dirname, '..', '..', 'bin', 'mooring.js');
const POLL_MS = 20;

/** `mooring` as a process of its own, serving on a loopback port. */
export interface MooringProcess {
  readonly url: string;
  /** From the start of the process. @throws Error when it has not happened in time, or the process has ended */
  readonly secondsUntil: (happened: () => Promise<boolean>, timeoutSeconds: number) => Promise<number>;
  /** Whether `/readyz` answers 200. */
  readonly isReady: () => Promise<boolean>;
  /** The data of an operation. @throws Error with what the server says */
  readonly graphql: <Data>(query: string, variables?: object) => Promise<Data>;
  /** Memory of the Node process that is in RAM; PostgreSQL is not counted. */
  readonly residentMegabytes: () => number;
  readonly stop: () => Promise<void>;
}

/**
 * @param command what follows `mooring` on the command line
 * @param settings more of its environment
 */
export async function startMooring(
  command: 'serve' | 'start',
  dataDirectory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<MooringProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [LAUNCHER, command], {
    env: {
      ...environment(),
      ...settings,
      MOORING_HOST: '127.0.0.1',
      MOORING_PORT: String(port),
      MOORING_DATA_DIR: dataDirectory,
    },
    stdio: 'ignore',
  });
  endWithThisProcess(child);
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true;
  return {
    url,
    isReady,
    async secondsUntil(happened, timeoutSeconds) {
      while (!(await happened())) {
        const seconds = (performance.now() - startedAt) / 1000;
        if (child.exitCode !== null) throw new Error(`mooring ${command} ended with code ${child.exitCode}`);
        if (seconds > timeoutSeconds) throw new Error(`mooring ${command} is not that far after ${timeoutSeconds} s`);
        await sleep(POLL_MS);
      }
      return (performance.now() - startedAt) / 1000;
    },
    graphql: (query, variables) => graphql(url, query, variables),
    residentMegabytes: () => residentMegabytes(child.pid ?? -1),
    stop: () => stop(child),
  };
}

/** Runs `mooring churn` against a server to its end. @throws Error when the example fails */
export async function tellChurn(url: string, subscribers: number): Promise<void> {
  const args = [LAUNCHER, 'churn', '--url', url, '--subscribers', String(subscribers), '--json'];
  const child = spawn(process.execPath, args, { env: environment(), stdio: ['ignore', 'ignore', 'inherit'] });
  endWithThisProcess(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`mooring churn ended with code ${code}`);
}

/** SIGTERM, and the end of the process. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Should this process end in the middle, its children are told to end, too. */
export function endWithThisProcess(child: ChildProcess): void {
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}

async function graphql<Data>(url: string, query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: readonly { message: string }[] };
  if (errors || !data) throw new Error(errors?.map(({ message }) => message).join(' ') ?? 'no data');
  return data;
}

/** Without Mooring's own variables: those of whoever runs the bench must not reach its servers. */
function environment(): Record<string, string | undefined> {
  const isOurs = (name: string) => /^(MOORING_|DATABASE_URL$|MIGRATION_DATABASE_URL$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)));
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
