import { createLogger } from '../../../src/logger';
import { ProgressWriter } from '../../../src/services/jobs/progress-writer';

const writes: [number, string][] = [];
const write = async (ratio: number, message: string): Promise<void> => void writes.push([ratio, message]);
const newWriter = (writing = write) => new ProgressWriter(writing, 1000, createLogger('silent'));

beforeEach(() => {
  writes.length = 0;
  jest.useFakeTimers();
});

afterEach(() => jest.useRealTimers());

test('the first progress is written at once, what follows once a second, the latest only', async () => {
  const writer = newWriter();
  for (let step = 0; step < 250; step++) {
    writer.report(step / 1000, `step ${step}`);
    await jest.advanceTimersByTimeAsync(10);
  }
  expect(writes.map(([, message]) => message)).toEqual(['step 0', 'step 99', 'step 199']);
});

test('closing writes what is left', async () => {
  const writer = newWriter();
  writer.report(0.1, 'a');
  await jest.advanceTimersByTimeAsync(1);
  writer.report(0.2, 'b');
  await writer.close();
  expect(writes).toEqual([
    [0.1, 'a'],
    [0.2, 'b'],
  ]);
  await jest.advanceTimersByTimeAsync(5000);
  expect(writes).toHaveLength(2);
});

test.each([
  [-1, 0],
  [1.5, 1],
  [Number.NaN, 0],
  [Infinity, 1],
])('a ratio of %p is written as %p', async (told, written) => {
  const writer = newWriter();
  writer.report(told, '');
  await writer.close();
  expect(writes).toEqual([[written, '']]);
});

test('a write that fails does not fail the job, and the next one is tried', async () => {
  let failures = 1;
  const writer = newWriter(async (ratio, message) => {
    if (failures-- > 0) throw new Error('the database is away');
    await write(ratio, message);
  });
  writer.report(0.1, 'lost');
  await jest.advanceTimersByTimeAsync(1);
  writer.report(0.2, 'kept');
  await expect(writer.close()).resolves.toBeUndefined();
  expect(writes).toEqual([[0.2, 'kept']]);
});
