import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { guardCleanup } from '../cleanup-guard';
import { freePort } from '../free-port';
import { hasPythonModule, PYTHON } from '../python';
import { until } from '../until';

const SCRIPT = path.join(__dirname, 'make-run.py');
// MLflow reports how it is used unless it is told not to.
const ENVIRONMENT = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' };

export const hasMlflow = (): boolean => hasPythonModule('mlflow');

export interface MlflowServer {
  readonly url: string;
  /** Makes an experiment with a run by MLflow's own client. */
  makeRun(): Record<'experimentId' | 'runId' | 'otherExperimentId' | 'emptyRunId', string>;
  stop(): Promise<void>;
}

/** A real `mlflow server` in a temporary directory; it cannot outlive the test process. */
export async function startMlflow(): Promise<MlflowServer> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-mlflow-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  const stores = ['--backend-store-uri', 'sqlite:///mlflow.db', '--artifacts-destination', 'artifacts'];
  // In a group of its own: it runs its workers as children.
  const child = spawn(PYTHON, ['-m', 'mlflow', 'server', ...args, ...stores], {
    cwd: directory,
    env: ENVIRONMENT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const guard = guardCleanup(directory, { pid: -(child.pid ?? 0) });
  try {
    await until('MLflow server', () => isHealthy(url), { timeoutMs: 90_000, pauseMs: 200 });
  } catch (error) {
    await guard.cleanUp();
    throw new Error(`${(error as Error).message}: ${output}`, { cause: error });
  }
  return {
    url,
    makeRun() {
      // MLflow's client prints where to look at the run first.
      const lines = execFileSync(PYTHON, [SCRIPT, url], { env: ENVIRONMENT, encoding: 'utf8' }).trim().split('\n');
      return JSON.parse(lines.at(-1) ?? '') as ReturnType<MlflowServer['makeRun']>;
    },
    stop: () => guard.cleanUp(),
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}
