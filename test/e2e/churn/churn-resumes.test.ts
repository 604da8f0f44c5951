import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChurnSummary } from '../../../examples/churn/summary';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

const MOORING = path.resolve(__dirname, '../../../bin/mooring.js');
const SUBSCRIBERS = 4_000;

let database: TestDatabase;
let dataDirectory: string;
let server: ServerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDirectory = await mkdtemp(path.join(tmpdir(), 'mooring-resume-'));
  server = await startServerProcess({ databaseUrl: database.url, dataDirectory });
});

afterAll(async () => {
  await server.stop();
  await database.drop();
  await rm(dataDirectory, { recursive: true, force: true });
});

function churn(): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, MOORING_URL: server.url };
  const args = [MOORING, 'churn', '--subscribers', String(SUBSCRIBERS), '--json'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

async function graphql<Data>(query: string): Promise<Data | null> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: Data | null }).data;
}

/** Runs the example, kills the server without notice as soon as the condition holds, and starts it again on the same data. */
async function killWhen(isTime: () => Promise<boolean>): Promise<string> {
  let isOver = false;
  const running = churn().finally(() => (isOver = true));
  while (!isOver && !(await isTime())) await sleep(20);
  server.kill('SIGKILL');
  await server.exited;
  const { code, stderr } = await running;
  expect(code).toBe(1);
  await server.stop();
  server = await startServerProcess({ databaseUrl: database.url, dataDirectory });
  return stderr;
}

async function usageRows(): Promise<number> {
  const data = await graphql<{ featureView: { rowCount: number } | null }>(
    '{ featureView(name: "subscriber_usage") { rowCount } }',
  );
  return data?.featureView?.rowCount ?? 0;
}

async function isTraining(): Promise<boolean> {
  const data = await graphql<{ trainingRuns: { nodes: { status: string }[] } }>(
    '{ trainingRuns(model: "churn") { nodes { status } } }',
  );
  return data?.trainingRuns.nodes[0]?.status === 'RUNNING';
}

describe('mooring churn over a server that is killed', () => {
  it('says that the server has gone, and goes on where it stopped: during ingest, then during training', async () => {
    const duringIngest = await killWhen(async () => (await usageRows()) > 0);
    expect(duringIngest).toMatch(/UNREACHABLE: .* What was sent so far is kept: run this again\./);
    const kept = await usageRows();
    expect(kept).toBeGreaterThan(0);

    const duringTraining = await killWhen(isTraining);
    expect(duringTraining).toMatch(/1 Ingest the past .*were there already/);

    const { code, stdout, stderr } = await churn();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const summary = JSON.parse(stdout) as ChurnSummary;
    // The training run that was interrupted is taken up, not begun a second time.
    expect(summary.versions.map(({ version }) => version)).toEqual([1, 2]);
    const data = await graphql<{ trainingRuns: { totalCount: number }; featureView: { rowCount: number } }>(
      '{ trainingRuns(model: "churn") { totalCount } featureView(name: "subscriber_churn") { rowCount } }',
    );
    expect(data).toEqual({ trainingRuns: { totalCount: 2 }, featureView: { rowCount: 12 * SUBSCRIBERS } });
    expect(summary.auditTrailValid).toBe(true);
  }, 240_000);
});
