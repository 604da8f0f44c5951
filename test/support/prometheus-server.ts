import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { guardCleanup } from './cleanup-guard';
import { freePort } from './free-port';
import { until } from './until';

export const DEPLOY = path.resolve(__dirname, '../../deploy');

/** Whether there are prometheus and promtool; Debian's package is called prometheus and has both. */
export const hasPrometheus = (): boolean =>
  ['prometheus', 'promtool'].every((tool) => spawnSync(tool, ['--version']).status === 0);

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusServer {
  /** Runs a query of PromQL at this moment. @throws Error with what Prometheus says against it */
  query(expr: string): Promise<Sample[]>;
  /** Asks a GET endpoint of its API. @returns its `data` */
  get<Data>(endpoint: string): Promise<Data>;
  stop(): Promise<void>;
}

/**
 * A Prometheus of its own with the configuration and rules of deploy/prometheus, which scrapes and evaluates every second instead of every 15, and cannot
 * outlive the test process.
 * @param target host and port of the server that it scrapes
 */
export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-prometheus-'));
  fs.cpSync(path.join(DEPLOY, 'prometheus/rules'), path.join(directory, 'rules'), { recursive: true });
  const deployed = fs.readFileSync(path.join(DEPLOY, 'prometheus/prometheus.yml'), 'utf8');
  const config = deployed.replace(/: 1[05]s$/gm, ': 1s').replace('mooring:4000', target);
  fs.writeFileSync(path.join(directory, 'prometheus.yml'), config);

  const port = await freePort();
  const output = fs.openSync(path.join(directory, 'output'), 'w');
  const args = [
    `--config.file=${path.join(directory, 'prometheus.yml')}`,
    `--storage.tsdb.path=${path.join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', args, { detached: true, stdio: ['ignore', output, output] });
  fs.closeSync(output);
  const guard = guardCleanup(directory, { pid: -(child.pid ?? 0) });
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  try {
    await until('Prometheus', isReady, { pauseMs: 50 });
  } catch (error) {
    const said = fs.readFileSync(path.join(directory, 'output'), 'utf8');
    await guard.cleanUp();
    throw new Error(`Prometheus did not start:\n${said}`, { cause: error });
  }
  const get = async <Data>(endpoint: string): Promise<Data> => {
    const answer = await fetch(`${url}/api/v1/${endpoint}`);
    const body = (await answer.json()) as { data: Data; error?: string };
    if (!answer.ok) throw new Error(`${decodeURIComponent(endpoint)}: ${body.error}`);
    return body.data;
  };
  return {
    get,
    async query(expr) {
      interface Result {
        readonly result: readonly { metric: Record<string, string>; value: [number, string] }[];
      }
      const { result } = await get<Result>(`query?query=${encodeURIComponent(expr)}`);
      return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    },
    stop: () => guard.cleanUp(),
  };
}
