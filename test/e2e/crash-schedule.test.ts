import { setTimeout as sleep } from 'node:timers/promises';
import { mutate } from '../support/api-client';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { until } from '../support/until';

const ROUNDS = 4;
/** Longer than the pause between two looks at the schedules. */
const NEXT_LOOK_MS = 6000;

const random = seededTest('crash-schedule');
let database: TestDatabase;
let server: RestartableServer;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await RestartableServer.start({ databaseUrl: database.url, migrationDatabaseUrl: database.ownerUrl });
  const { url } = server;
  await mutate(url, 'applyEntity', { name: 'device', joinKeys: [{ name: 'device' }] }, 'entity { id }');
  const view = {
    name: 'readings',
    entity: 'device',
    fields: [{ name: 'serial', dtype: 'INT64' }],
    // Once a year: it is due when the test says so.
    materializationSchedule: '0 0 1 1 *',
  };
  await mutate(url, 'applyFeatureView', view, 'featureView { id }');
}, 60_000);
afterAll(async () => {
  await server.end();
  await database.drop();
});

const select = <Row>(sql: string) => database.dataSource.query<Row[]>(sql);
/** What was missed: three hours of it. */
const makeDue = () => select(`UPDATE schedules SET next_run_at = now() - interval '3 hours'`);
const runs = () =>
  select<{ decision: string; job: string | null }>(
    'SELECT run.decision, job.status AS job FROM schedule_runs run LEFT JOIN jobs job ON job.id = run.job_id ORDER BY run.due_at',
  );
const jobsDone = () =>
  until('end of all jobs', async () => {
    const open = await select(`SELECT 1 FROM jobs WHERE status IN ('QUEUED', 'RUNNING')`);
    return open.length === 0;
  });

describe('kill -9 of the server about the time at which a schedule is due', () => {
  it('makes up for what was missed while it was dead with one job, and never with two', async () => {
    let rounds = 0;
    for (; rounds < ROUNDS; rounds++) {
      await server.crash();
      await makeDue();
      await server.restart();
      // It dies again while it looks, or makes the job, or does it.
      await sleep(random.integer(200));
      await server.crash();
      await server.restart();
      await until('the run', async () => (await runs()).length > rounds);
      await jobsDone();
      expect(await runs()).toEqual(
        Array.from({ length: rounds + 1 }, () => ({ decision: 'STARTED', job: 'SUCCEEDED' })),
      );
    }
    await sleep(NEXT_LOOK_MS);
    expect(await runs()).toHaveLength(rounds);
    expect(await select(`SELECT 1 FROM jobs WHERE kind = 'MATERIALIZATION'`)).toHaveLength(rounds);
    expect(await select('SELECT next_run_at > now() AS later FROM schedules')).toEqual([{ later: true }]);
  }, 120_000);
});
