import { ask, mutate } from '../support/api-client';
import {
  buildDataset,
  createModel,
  type Customer,
  drawCustomers,
  ingestCustomers,
  move,
  register,
  succeeded,
  train,
} from '../support/customers-api';
import { panelQueries, readDashboards, variableQueries, withEverythingChosen } from '../support/dashboards';
import { hasPrometheus, type PrometheusServer, startPrometheus } from '../support/prometheus-server';
import { type ServerProcess, startServerProcess } from '../support/server-process';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { until } from '../support/until';

/** Skipped visibly where Debian's package `prometheus` is not installed. */
const withPrometheus = hasPrometheus() ? describe : describe.skip;

const MODEL = 'leavers';
const EVERYTHING = readDashboards().flatMap(panelQueries);

let database: TestDatabase;
let server: ServerProcess;
let prometheus: PrometheusServer;

interface Batch {
  readonly results: readonly { readonly prediction: { readonly id: string } | null }[];
}

/** Predicts, says of everybody what happened, and asks for what cannot be answered. */
async function serve(customers: readonly Customer[]): Promise<void> {
  const rows = customers.map(({ spend, visits, plan }) => ({ spend, visits, plan }));
  const input = { model: MODEL, rows };
  const { results } = await mutate<Batch>(server.url, 'predictBatch', input, 'results { prediction { id } }');
  const outcomes = results.flatMap(({ prediction }, index) =>
    prediction ? [{ predictionId: prediction.id, outcome: customers[index].left }] : [],
  );
  await mutate(server.url, 'recordOutcomes', { outcomes }, 'recordedCount');
  for (const wrong of [
    { model: MODEL, rows: [{ spend: 'a lot', visits: 1, plan: 'pro' }] },
    { model: 'made up', rows },
  ])
    await mutate(server.url, 'predictBatch', wrong, 'results { prediction { id } }').catch(() => undefined);
  await ask(server.url, 'query Everybody { viewer { actor } }');
}

/** Those who spend more than before leave no more often for it: features, predictions and the concept have changed. */
const changed = (seed: string): Customer[] => {
  const before = drawCustomers(600, seed);
  return before.map((customer) => ({ ...customer, spend: customer.spend + 20 }));
};

async function scrapedAgain(): Promise<void> {
  const scrapes = async () => {
    const [sample] = await prometheus.query('count_over_time(up{job="mooring"}[10m])');
    return sample?.value ?? 0;
  };
  const before = await scrapes();
  await until('scrape', async () => (await scrapes()) >= before + 2, { pauseMs: 200 });
}

async function reportDrift(from: Date): Promise<void> {
  const input = { model: MODEL, from, to: new Date(Date.now() + 1) };
  const { job } = await mutate<{ job: { id: string } }>(server.url, 'runDriftReport', input, 'job { id }');
  await succeeded(server.url, job.id);
}

async function prepare(): Promise<void> {
  database = await createTestDatabase();
  server = await startServerProcess({ databaseUrl: database.url, migrationDatabaseUrl: database.ownerUrl });
  prometheus = await startPrometheus(`127.0.0.1:${server.port}`);
  await ingestCustomers(server.url, drawCustomers(1500, 'reference'));
  await createModel(server.url, MODEL);
  const run = await train(server.url, MODEL, await buildDataset(server.url, 'customers'));
  await move(server.url, MODEL, await register(server.url, MODEL, run), 'NONE', 'STAGING', 'PRODUCTION');
  const from = new Date();
  await serve(changed('first'));
  await scrapedAgain();
  // Rates take a series that grows from one scrape to another.
  await serve(changed('second'));
  await reportDrift(from);
  // A reading of the database is kept for 5 s.
  await until('drift', async () => (await prometheus.query('mooring_drift_verdict')).length > 0, { pauseMs: 200 });
  await scrapedAgain();
}

withPrometheus('a Prometheus that scrapes a server', () => {
  beforeAll(prepare, 120_000);
  afterAll(async () => {
    await prometheus?.stop();
    await server?.stop();
    await database?.drop();
  });

  it('takes all that the server says', async () => {
    interface Targets {
      readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[];
    }
    const { activeTargets } = await prometheus.get<Targets>('targets');
    expect(activeTargets).toEqual([expect.objectContaining({ health: 'up', lastError: '' })]);
    const exposed = await (await fetch(`${server.url}/metrics`)).text();
    const names = [...exposed.matchAll(/^(mooring_\w+?)(?:_bucket)?[{ ]/gm)].map(([, name]) => name);
    const kept = await prometheus.get<string[]>('label/__name__/values');
    expect([...new Set(names)].filter((name) => !kept.some((each) => each.startsWith(name)))).toEqual([]);
  });

  it.each(EVERYTHING)('has an answer to $panel: $expr', async ({ expr }) => {
    const samples = await prometheus.query(withEverythingChosen(expr));
    expect(samples).not.toEqual([]);
    // A quantile of nothing is NaN: somebody has made requests of every kind that is drawn.
    expect(samples.some(({ value }) => Number.isFinite(value))).toBe(true);
  });

  it.each(readDashboards().flatMap(variableQueries))('has values of $label to choose from', async (variable) => {
    const selector = encodeURIComponent(withEverythingChosen(variable.selector));
    const values = await prometheus.get<string[]>(`label/${variable.label}/values?match[]=${selector}`);
    expect(values).not.toEqual([]);
  });

  it('counts predictions and errors as they were', async () => {
    const valueOf = async (expr: string) => (await prometheus.query(expr)).map(({ metric, value }) => [metric, value]);
    expect(await valueOf('sum by (model_name, variant) (mooring_predictions_total)')).toEqual([
      [{ model_name: MODEL, variant: 'PRIMARY' }, 1200],
    ]);
    expect(await valueOf('sum by (model_name, code) (mooring_prediction_errors_total)')).toEqual(
      expect.arrayContaining([
        [{ model_name: MODEL, code: 'INVALID_INPUT' }, 2],
        [{ model_name: '(unknown)', code: 'NOT_FOUND' }, 1200],
      ]),
    );
  });

  it('evaluates all rules, and sees the drift that there is', async () => {
    interface Rule {
      readonly name: string;
      readonly health: string;
      readonly state?: string;
    }
    interface Groups {
      readonly groups: readonly { readonly rules: readonly Rule[] }[];
    }
    const { groups } = await prometheus.get<Groups>('rules');
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const raised = rules.filter(({ state = 'inactive' }) => state !== 'inactive').map(({ name }) => name);
    expect(raised).toEqual(expect.arrayContaining(['MooringDrift']));
    expect(raised).not.toContain('MooringDown');
    await expect(prometheus.query('sum(')).rejects.toThrow(/parse error/);
  });
});
