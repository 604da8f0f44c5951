import { WakeUp } from '../../../src/services/database';

beforeEach(() => jest.useFakeTimers());

afterEach(() => jest.useRealTimers());

/** What a loop has seen after a time. */
async function roundsWithin(milliseconds: number, rings: readonly number[]): Promise<number> {
  const wakeUp = new WakeUp();
  let rounds = 0;
  const loop = async (): Promise<void> => {
    for (;;) {
      rounds += 1;
      await wakeUp.wait(100);
    }
  };
  void loop();
  for (const at of rings) setTimeout(() => wakeUp.ring(), at);
  await jest.advanceTimersByTimeAsync(milliseconds);
  return rounds;
}

test('without a ring the loop goes on whenever the time has passed', async () => {
  expect(await roundsWithin(350, [])).toBe(4);
});

test('a ring wakes the loop at once, and its time starts anew', async () => {
  expect(await roundsWithin(99, [10, 20])).toBe(3);
  expect(await roundsWithin(120, [50])).toBe(2);
});

test('a ring while the loop is awake is not lost, and many are one', async () => {
  const wakeUp = new WakeUp();
  wakeUp.ring();
  wakeUp.ring();
  const waits: string[] = [];
  const loop = (async () => {
    await wakeUp.wait(1000);
    waits.push('first');
    await wakeUp.wait(1000);
    waits.push('second');
  })();
  await jest.advanceTimersByTimeAsync(1);
  expect(waits).toEqual(['first']);
  await jest.advanceTimersByTimeAsync(1000);
  await loop;
  expect(waits).toEqual(['first', 'second']);
});
