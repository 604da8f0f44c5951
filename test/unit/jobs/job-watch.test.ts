import { JobRecord } from '../../../src/entities';
import { NotFound, ShuttingDown } from '../../../src/errors';
import { createLogger } from '../../../src/logger';
import { JobWatch } from '../../../src/services/jobs/job-watch';

const jobs = new Map<string, Partial<JobRecord>>();
let looks = 0;
let away = false;

const find = async (ids: readonly string[]): Promise<JobRecord[]> => {
  looks += 1;
  if (away) throw new Error('the database is away');
  return ids.flatMap((id) => (jobs.has(id) ? [Object.assign(new JobRecord(), { id }, jobs.get(id))] : []));
};

const newWatch = () => new JobWatch(find, 1000, createLogger('silent'));

beforeEach(() => {
  jobs.clear();
  jobs.set('a', { status: 'RUNNING', attempt: 1, progressRatio: 0, progressMessage: '', cancelRequested: false });
  looks = 0;
  away = false;
  jest.useFakeTimers();
});

afterEach(() => jest.useRealTimers());

const change = (changes: Partial<JobRecord>) => jobs.set('a', { ...jobs.get('a'), ...changes });

test('a watcher sees the job as it is, each change at the next look, and ends with the finished job', async () => {
  const seen: [string, number][] = [];
  const watching = (async () => {
    for await (const { status, progressRatio } of newWatch().watch('a')) seen.push([status, progressRatio]);
  })();
  await jest.advanceTimersByTimeAsync(3000);
  change({ progressRatio: 0.5 });
  await jest.advanceTimersByTimeAsync(3000);
  change({ status: 'SUCCEEDED', progressRatio: 1 });
  await jest.advanceTimersByTimeAsync(1000);
  await watching;
  expect(seen).toEqual([
    ['RUNNING', 0],
    ['RUNNING', 0.5],
    ['SUCCEEDED', 1],
  ]);
});

test('changes between two looks are seen as one', async () => {
  const watcher = newWatch().watch('a');
  await watcher.next();
  const next = watcher.next();
  for (let step = 1; step <= 9; step++) {
    change({ progressRatio: step / 10 });
    await jest.advanceTimersByTimeAsync(100);
  }
  await jest.advanceTimersByTimeAsync(100);
  expect((await next).value?.progressRatio).toBe(0.9);
  await watcher.return?.();
});

test('a reader that is away sees the latest state only', async () => {
  const watcher = newWatch().watch('a');
  for (let step = 1; step <= 3; step++) {
    change({ progressRatio: step / 10 });
    await jest.advanceTimersByTimeAsync(1000);
  }
  change({ status: 'FAILED' });
  await jest.advanceTimersByTimeAsync(1000);
  expect((await watcher.next()).value?.status).toBe('FAILED');
  expect(await watcher.next()).toEqual({ value: undefined, done: true });
});

test('all watchers of all jobs share one look a period, and none is made when they are gone', async () => {
  jobs.set('b', { status: 'QUEUED' });
  const watch = newWatch();
  const watchers = [watch.watch('a'), watch.watch('a'), watch.watch('b')];
  await jest.advanceTimersByTimeAsync(0);
  looks = 0;
  await jest.advanceTimersByTimeAsync(2000);
  expect(looks).toBe(2);
  for (const watcher of watchers) await watcher.return?.();
  await jest.advanceTimersByTimeAsync(5000);
  expect(looks).toBe(2);
});

test('a job that ends here is seen without waiting for the next look', async () => {
  const watch = newWatch();
  const watcher = watch.watch('a');
  await watcher.next();
  const next = watcher.next();
  change({ status: 'SUCCEEDED' });
  watch.poke('a');
  expect((await next).value?.status).toBe('SUCCEEDED');
});

test('watching a job that does not exist fails', async () => {
  await expect(newWatch().watch('nobody').next()).rejects.toThrow(NotFound);
});

test('a database that is away is waited for', async () => {
  away = true;
  const watcher = newWatch().watch('a');
  const next = watcher.next();
  await jest.advanceTimersByTimeAsync(2000);
  away = false;
  await jest.advanceTimersByTimeAsync(1000);
  expect((await next).value?.status).toBe('RUNNING');
  await watcher.return?.();
});

test('stopping tells every watcher', async () => {
  const watch = newWatch();
  const watcher = watch.watch('a');
  await watcher.next();
  const told = watcher.next().catch((error: unknown) => error);
  watch.stop();
  expect(await told).toBeInstanceOf(ShuttingDown);
  expect(() => watch.watch('a')).toThrow(ShuttingDown);
});
