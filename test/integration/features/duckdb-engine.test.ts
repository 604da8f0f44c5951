import { setTimeout as sleep } from 'node:timers/promises';
import { ShuttingDown } from '../../../src/errors';
import { DuckDbEngine } from '../../../src/services/features';

const ENDLESS = 'SELECT count(*) FROM range(1000000000000) WHERE random() > 2';

let engine: DuckDbEngine;
beforeEach(() => {
  engine = new DuckDbEngine({ memoryLimitBytes: 2 ** 29, threads: 1 });
});
afterEach(() => engine.close());

const rows = (sql: string, options = {}) => engine.call('rows', { sql }, options);

test('timestamps come as microseconds and integers whole', async () => {
  const sql = "SELECT TIMESTAMP '1970-01-01 00:00:00.000001' AS moment, 9223372036854775807 AS big, NULL AS nothing";
  expect(await rows(sql)).toEqual([{ moment: 1n, big: 9223372036854775807n, nothing: null }]);
});

test('a query that fails says why, and the next one works', async () => {
  await expect(rows('SELECT nope')).rejects.toThrow('nope');
  expect(await rows('SELECT 1::INTEGER AS one')).toEqual([{ one: 1 }]);
});

test('aborting the signal interrupts a running query, and takes a waiting one out of the queue', async () => {
  const running = new AbortController();
  const waiting = new AbortController();
  const first = rows(ENDLESS, { signal: running.signal });
  const second = rows('SELECT 2', { signal: waiting.signal });
  const third = rows('SELECT 3::INTEGER AS n');
  await sleep(100);
  waiting.abort();
  await expect(second).rejects.toMatchObject({ code: 'CANCELLED' });
  running.abort();
  await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await third).toEqual([{ n: 3 }]);
  await expect(rows('SELECT 4', { signal: running.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('a query that is aborted fails for the reason of the abort, which says whether its job is run again', async () => {
  const controller = new AbortController();
  const query = rows(ENDLESS, { signal: controller.signal });
  await sleep(50);
  controller.abort(new ShuttingDown());
  await expect(query).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});

test('a script that is cancelled between or within its statements stops there', async () => {
  await rows('SELECT 1');
  const controller = new AbortController();
  const statements = ['CREATE TABLE a AS SELECT 1', ENDLESS, 'CREATE TABLE b AS SELECT 1'];
  const script = engine.call('run', { statements }, { signal: controller.signal });
  await sleep(100);
  controller.abort();
  await expect(script).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await rows('SELECT table_name AS name FROM duckdb_tables()')).not.toContainEqual({ name: 'b' });
});

test('short work does not wait behind long work', async () => {
  const controller = new AbortController();
  const long = rows(ENDLESS, { signal: controller.signal, lane: 'long' });
  expect(await rows('SELECT 1::INTEGER AS one', { lane: 'short' })).toEqual([{ one: 1 }]);
  controller.abort();
  await expect(long).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('the event loop keeps turning while a query runs', async () => {
  await rows('SELECT 1');
  const controller = new AbortController();
  const query = rows(ENDLESS, { signal: controller.signal });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await sleep(300);
  clearInterval(timer);
  controller.abort();
  await expect(query).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(turns).toBeGreaterThan(30);
});

test('closing fails what is under way, and a later call starts again', async () => {
  const query = rows(ENDLESS);
  await sleep(100);
  const waiting = rows('SELECT 1');
  const outcomes = await Promise.allSettled([query, waiting, engine.close()]);
  expect(outcomes.slice(0, 2)).toMatchObject([
    { reason: { code: 'SHUTTING_DOWN' } },
    { reason: { code: 'SHUTTING_DOWN' } },
  ]);
  expect(await rows('SELECT 1::INTEGER AS one')).toEqual([{ one: 1 }]);
});

test('a worker that is idle ends by itself, but not while work keeps tables in it', async () => {
  await engine.close();
  engine = new DuckDbEngine({ memoryLimitBytes: 2 ** 29, threads: 1 }, 50);
  await engine.holding(async () => {
    await engine.call('run', { statements: ['CREATE TABLE kept AS SELECT 1::INTEGER AS one'] });
    await sleep(200);
    expect(await rows('SELECT * FROM kept')).toEqual([{ one: 1 }]);
  });
  await sleep(200);
  await expect(rows('SELECT * FROM kept')).rejects.toThrow('kept');
});

test('nothing is fetched or loaded from elsewhere', async () => {
  await expect(rows("SELECT * FROM read_parquet('https://example.invalid/a.parquet')")).rejects.toThrow('httpfs');
});
