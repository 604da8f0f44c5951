import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for something to become true. @throws Error that says for what, when it does not in time: a test that hangs tells nothing */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  { timeoutMs = 30_000, pauseMs = 5 }: { timeoutMs?: number; pauseMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`After ${timeoutMs / 1000} s there is still no ${what}`);
    await sleep(pauseMs);
  }
}
