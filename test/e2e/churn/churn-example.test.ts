import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ChurnSummary } from '../../../examples/churn/summary';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

const MOORING = path.resolve(__dirname, '../../../bin/mooring.js');
const TELCO = path.resolve(__dirname, '../../../../shared/data/telco.csv');
const RUN_TIMEOUT_MS = 180_000;

let database: TestDatabase;
let server: ServerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServerProcess({ databaseUrl: database.url });
});

afterAll(async () => {
  await server.stop();
  await database.drop();
});

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `mooring churn` as a user runs it, against the server of this file. */
function churn(...args: string[]): Promise<Run> {
  const env = { PATH: process.env.PATH, MOORING_URL: server.url };
  return new Promise((resolve) => {
    execFile(process.execPath, [MOORING, 'churn', ...args], { env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

async function summaryOf(...args: string[]): Promise<ChurnSummary> {
  const run = await churn(...args, '--json');
  if (run.code !== 0) throw new Error(`mooring churn exited with ${run.code}:\n${run.stderr}`);
  return JSON.parse(run.stdout) as ChurnSummary;
}

async function graphql<Data>(query: string): Promise<Data> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: Data }).data;
}

const driftedFeatures = ({ drift }: ChurnSummary): string[] =>
  drift.features.filter(({ verdict }) => verdict === 'DRIFT').map(({ feature }) => feature);

describe('mooring churn with a generated population', () => {
  let first: ChurnSummary;

  beforeAll(async () => {
    first = await summaryOf('--subscribers', '4000');
  }, RUN_TIMEOUT_MS);

  it('learns a model close to the best attainable one, and brings it through the gate to production', () => {
    expect(first.auc).toBeGreaterThan(0.82);
    expect(first.auc).toBeLessThan(0.89);
    expect(first.baseline.auc).toBeGreaterThan(0.8);
    expect(first.gate.status).toBe('PASSED');
    expect(first.parityMaxError).toBeLessThanOrEqual(1e-6);
    // Two of eight months are held out.
    expect(first.dataset).toMatchObject({ rowCount: 32_000, heldOutRowCount: 8_000, leakageCutoff: true });
    expect(first.transitions.slice(0, 2)).toMatchObject([
      { version: 1, from: 'NONE', to: 'STAGING' },
      { version: 1, from: 'STAGING', to: 'PRODUCTION' },
    ]);
    expect(first.auditTrailValid).toBe(true);
  });

  it('finds the planted drift in features, predictions and concept', () => {
    expect(first.drift.verdict).toBe('DRIFT');
    expect(driftedFeatures(first)).toEqual(expect.arrayContaining(['monthly_charge', 'charge_change', 'data_gb']));
    expect(driftedFeatures(first)).not.toContain('call_minutes');
    expect(first.drift.prediction?.verdict).toBe('DRIFT');
    expect(first.drift.concept?.verdict).toBe('DRIFT');
    expect(first.drift.labelledRowCount).toBe(2_000);
  });

  it('receives the alert over the subscription that it holds open', () => {
    expect(first.alerts).toMatchObject([{ change: 'RAISED', severity: 'CRITICAL', driftReportId: first.drift.id }]);
  });

  it('is retrained by the drift trigger, and the better version takes production’s place', () => {
    expect(first.retraining).toMatchObject({
      decision: 'FIRED',
      outcome: { promoted: true, modelVersion: { version: 2 } },
    });
    expect(first.stages).toEqual({ 1: 'ARCHIVED', 2: 'PRODUCTION' });
    const logLoss = first.retraining?.outcome?.comparison.find(({ metric }) => metric === 'logLoss');
    expect(logLoss?.challenger).toBeLessThan(logLoss?.production ?? 0);
    expect(first.retraining?.outcome?.comparedRowCount).toBe(8_000);
  });

  it('tells the seconds of every step', () => {
    expect(Object.keys(first.seconds)).toEqual(
      expect.arrayContaining([
        'ingest',
        'quality',
        'materialize',
        'dataset',
        'train',
        'gate',
        'promote',
        'predict',
        'drift',
        'retrain',
      ]),
    );
    const sum = Object.values(first.seconds).reduce((total, seconds) => total + seconds, 0);
    expect(sum).toBeLessThanOrEqual(first.totalSeconds + 0.1);
  });

  it(
    'runs again on the same server: nothing is sent twice, and another version goes through the gate',
    async () => {
      const second = await summaryOf('--subscribers', '4000');
      expect(second.versions.map(({ version }) => version).slice(0, 3)).toEqual([1, 2, 3]);
      expect(second.gate.status).toBe('PASSED');
      expect(second.auditTrailValid).toBe(true);
      const { featureView } = await graphql<{ featureView: { rowCount: number } }>(
        '{ featureView(name: "subscriber_churn") { rowCount } }',
      );
      expect(featureView.rowCount).toBe(12 * 4_000);
    },
    RUN_TIMEOUT_MS,
  );

  it('refuses to mix another population into the same views, and says what to do', async () => {
    const run = await churn('--subscribers', '2000', '--json');
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(
      /the feature view subscriber_contract holds other rows .* Choose other names with --name/,
    );
  });
});

(existsSync(TELCO) ? describe : describe.skip)('mooring churn --csv with IBM’s Telco file', () => {
  let telco: ChurnSummary;

  beforeAll(async () => {
    telco = await summaryOf('--csv', TELCO);
  }, RUN_TIMEOUT_MS);

  it('reaches a held-out AUC of at least .83, and no higher than an honest model can', () => {
    expect(telco.auc).toBeGreaterThanOrEqual(0.83);
    expect(telco.auc).toBeLessThan(0.88);
    expect(telco.baseline.auc).toBeGreaterThan(0.8);
    expect(telco.dataset.rowCount).toBe(5_634);
  });

  it('sees the shift of the stand-in window as data drift, and no concept drift, for the labels are true', () => {
    expect(telco.notes.join(' ')).toMatch(/stand-in/);
    expect(telco.drift.verdict).toBe('DRIFT');
    expect(driftedFeatures(telco)).toContain('tenure');
    expect(telco.drift.concept?.verdict).toBe('NO_DRIFT');
    expect(telco.alerts).toHaveLength(1);
    expect(telco.retraining?.decision).toBe('FIRED');
  });

  it(
    'has a readable summary without --json, and no drift in a window drawn evenly',
    async () => {
      const run = await churn('--csv', TELCO, '--no-shift');
      expect(run.code).toBe(0);
      expect(run.stdout).toMatch(/^version 1 +0\.8\d+ /m);
      expect(run.stdout).toMatch(/^Drift +NO_DRIFT/m);
      expect(run.stdout).toMatch(/^Alerts received +none$/m);
      expect(run.stdout).toMatch(/^Retraining +none: nothing drifted$/m);
    },
    RUN_TIMEOUT_MS,
  );
});

describe('mooring churn --csv with a wrong file', () => {
  it('names file, line and column, exits with 1, and has loaded nothing', async () => {
    const file = path.join(server.dataDirectory, 'customers.csv');
    const rows = Array.from(
      { length: 600 },
      (_, i) => `c${i},${i % 70},${i === 598 ? 'perhaps' : i % 4 === 0 ? 'Yes' : 'No'}`,
    );
    await writeFile(file, ['customerID,tenure,Churn', ...rows].join('\n'));
    const run = await churn('--csv', file, '--json');
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('customers.csv, line 600, column "Churn": "perhaps" is not a label. Use Yes/No');
    expect(await graphql('{ featureView(name: "customers_profile") { id } }')).toEqual({ featureView: null });
  });
});
