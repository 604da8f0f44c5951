import type { DataSource } from 'typeorm';
import { JobRecord, Schedule, ScheduleRun } from '../../../src/entities';
import { NotFound } from '../../../src/errors';
import { createLogger } from '../../../src/logger';
import { inTransaction } from '../../../src/services/database';
import { type JobQueue, JobSchedules } from '../../../src/services/jobs';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';
import { until } from '../../support/until';
import { gate, JobBench } from './job-bench';

const KEY = { kind: 'DATASET', subject: 'Dataset:1' } as const;

let database: TestDatabase;
let bench: JobBench;
let dataSource: DataSource;
let now: Date;
/** What jobs wait for before they end. */
let release: ReturnType<typeof gate>;

beforeEach(async () => {
  database = await createTestDatabase();
  dataSource = database.dataSource;
  bench = new JobBench(database);
  now = new Date('2026-11-03T10:15:00Z');
  release = gate();
});
afterEach(async () => {
  release.open();
  await bench.stop();
  await database.drop();
});

/** A started queue whose jobs wait to be released. */
async function startQueue(): Promise<JobQueue> {
  const queue = bench.replica({ timing: { pollMs: 20 } });
  queue.define('DATASET', () => release.opened);
  await queue.start();
  return queue;
}

/** @param fail thrown instead of making a job of the subject */
function replica(queue: JobQueue, fail: (subject: string) => Error | null = () => null): JobSchedules {
  const schedules = new JobSchedules({ dataSource, logger: createLogger('silent'), now: () => now, pollMs: 20 });
  schedules.define('DATASET', async (manager, subject, actor) => {
    const job = await queue.enqueue(manager, { kind: 'DATASET', subject, input: {}, actor });
    const error = fail(subject);
    if (error) throw error;
    return job;
  });
  return schedules;
}

const set = (schedules: JobSchedules, cron: string | null, subject: string = KEY.subject) =>
  inTransaction(dataSource, (manager) => schedules.set(manager, { ...KEY, subject }, cron));
const runsOf = async (schedules: JobSchedules, subject: string = KEY.subject): Promise<ScheduleRun[]> => {
  const [{ id }] = await schedules.find('DATASET', [subject]);
  return [...(await schedules.runs(id, { first: 100 })).rows];
};
const decisions = async (schedules: JobSchedules) =>
  (await runsOf(schedules)).map(({ dueAt, decision }) => `${dueAt.toISOString().slice(0, 16)} ${decision}`);
const nextOf = async (schedules: JobSchedules) =>
  (await schedules.find('DATASET', [KEY.subject]))[0].nextRunAt.toISOString();
const jobCount = () => dataSource.manager.count(JobRecord);

test('a job is made when the time has come, not before, and the next time is known', async () => {
  const queue = await startQueue();
  const schedules = replica(queue);
  await set(schedules, '0 * * * *');
  expect(await nextOf(schedules)).toBe('2026-11-03T11:00:00.000Z');
  now = new Date('2026-11-03T10:59:59.999Z');
  expect(await schedules.fireDue()).toBe(0);
  expect(await jobCount()).toBe(0);

  now = new Date('2026-11-03T11:00:00Z');
  expect(await schedules.fireDue()).toBe(1);
  expect(await schedules.fireDue()).toBe(0);
  expect(await nextOf(schedules)).toBe('2026-11-03T12:00:00.000Z');
  const [{ lastRun }] = await schedules.find('DATASET', [KEY.subject]);
  expect(lastRun).toMatchObject({ dueAt: now, decision: 'STARTED', reason: '' });
  const [job] = await queue.find([lastRun!.jobId!]);
  expect(job).toMatchObject({ ...KEY, actor: 'system:schedule' });
});

test('what was missed while no server ran is made up for once', async () => {
  const schedules = replica(await startQueue());
  await set(schedules, '@hourly');
  now = new Date('2026-11-05T17:30:00Z');
  expect(await schedules.fireDue()).toBe(1);
  expect(await decisions(schedules)).toEqual(['2026-11-03T11:00 STARTED']);
  expect(await nextOf(schedules)).toBe('2026-11-05T18:00:00.000Z');
});

test('of many replicas that look at once, one makes the job', async () => {
  const queue = await startQueue();
  const replicas = Array.from({ length: 8 }, () => replica(queue));
  const subjects = Array.from({ length: 5 }, (_, index) => `Dataset:${index}`);
  for (const subject of subjects) await set(replicas[0], '@daily', subject);
  now = new Date('2026-11-04T00:00:10Z');
  const counts = await Promise.all(replicas.map((one) => one.fireDue()));
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(subjects.length);
  expect((await dataSource.manager.find(JobRecord)).map(({ subject }) => subject).sort()).toEqual(subjects);
  expect(await dataSource.manager.count(ScheduleRun)).toBe(subjects.length);
});

test('while the former job waits or runs no other one is made, and the history says so', async () => {
  const queue = await startQueue();
  const schedules = replica(queue);
  await set(schedules, '* * * * *');
  for (const time of ['10:16', '10:17', '10:18']) {
    now = new Date(`2026-11-03T${time}:00Z`);
    await schedules.fireDue();
  }
  expect(await jobCount()).toBe(1);
  const [skipped, , { jobId }] = await runsOf(schedules);
  expect(skipped.reason).toMatch(/^The job before this one is still (QUEUED|RUNNING)\.$/);
  release.open();
  await queue.wait(jobId!);
  now = new Date('2026-11-03T10:19:00Z');
  await schedules.fireDue();
  expect(await decisions(schedules)).toEqual([
    '2026-11-03T10:19 STARTED',
    '2026-11-03T10:18 SKIPPED',
    '2026-11-03T10:17 SKIPPED',
    '2026-11-03T10:16 STARTED',
  ]);
});

test('a job that cannot be made is told by the history, leaves nothing half made, and is due again the next time', async () => {
  const schedules = replica(await startQueue(), () => new NotFound('dataset', 'gone'));
  await set(schedules, '@daily');
  now = new Date('2026-11-04T00:00:00Z');
  await schedules.fireDue();
  expect(await runsOf(schedules)).toMatchObject([
    { decision: 'FAILED', reason: 'There is no dataset "gone".', jobId: null },
  ]);
  expect(await jobCount()).toBe(0);
  expect(await nextOf(schedules)).toBe('2026-11-05T00:00:00.000Z');
});

test('a fault in between leaves no job, keeps no other schedule from its time, and the time is used at the next look', async () => {
  let isBroken = true;
  const schedules = replica(await startQueue(), (subject) =>
    isBroken && subject === 'Dataset:1' ? new Error('connection reset') : null,
  );
  await set(schedules, '@daily');
  await set(schedules, '@daily', 'Dataset:2');
  now = new Date('2026-11-04T00:00:00Z');
  expect(await schedules.fireDue()).toBe(1);
  expect(await runsOf(schedules)).toEqual([]);
  expect(await dataSource.manager.find(JobRecord)).toMatchObject([{ subject: 'Dataset:2' }]);
  isBroken = false;
  now = new Date('2026-11-04T00:00:05Z');
  expect(await schedules.fireDue()).toBe(1);
  expect(await decisions(schedules)).toEqual(['2026-11-04T00:00 STARTED']);
});

test('a schedule that is set again as it is keeps its time; another one begins anew; none has no history', async () => {
  const schedules = replica(await startQueue());
  await set(schedules, '@daily');
  now = new Date('2026-11-04T09:00:00Z');
  await set(schedules, '@daily');
  expect(await nextOf(schedules)).toBe('2026-11-04T00:00:00.000Z');
  await schedules.fireDue();
  await set(schedules, '0 10 * * *');
  expect(await nextOf(schedules)).toBe('2026-11-04T10:00:00.000Z');
  expect(await decisions(schedules)).toEqual(['2026-11-04T00:00 STARTED']);
  await set(schedules, null);
  expect(await schedules.find('DATASET', [KEY.subject])).toEqual([]);
  expect(await dataSource.manager.count(ScheduleRun)).toBe(0);
  now = new Date('2026-11-05T11:00:00Z');
  expect(await schedules.fireDue()).toBe(0);
});

test('the last hundred runs are kept', async () => {
  const schedules = replica(await startQueue());
  await set(schedules, '* * * * *');
  for (let minute = 0; minute < 103; minute++) {
    now = new Date(now.getTime() + 60_000);
    await schedules.fireDue();
  }
  const runs = await runsOf(schedules);
  expect(runs).toHaveLength(100);
  expect(runs[0].dueAt).toEqual(now);
});

test('it looks by itself from its start to its stop', async () => {
  const queue = await startQueue();
  const schedules = replica(queue);
  await set(schedules, '* * * * *');
  schedules.start();
  now = new Date('2026-11-03T10:16:00Z');
  await until('job', async () => (await jobCount()) === 1);
  await schedules.stop();
  release.open();
  const [{ jobId }] = await runsOf(schedules);
  await queue.wait(jobId!);
  now = new Date('2026-11-03T10:17:00Z');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await jobCount()).toBe(1);
  expect(await dataSource.manager.count(Schedule)).toBe(1);
});
