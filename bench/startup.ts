import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchCase } from './harness';
import { type MooringProcess, startMooring } from './mooring-process';

const PROMOTED_LIMIT_SECONDS = 60;
const WARM_LIMIT_SECONDS = 3;
const MEMORY_LIMIT_MB = 300;
/** A case that is over its limit is a finding; only what takes this much longer is given up. */
const GIVE_UP_AFTER = 4;
/** The example goes on after the promotion, with predictions, drift and a retraining. */
const STORY_SECONDS = 300;
/** After the last work V8 and the allocators give memory back for a while. */
const REST_SECONDS = 60;

/** What the first case leaves to the others: a data directory in which the example was told, and what the server that told it holds at rest. */
const story = { directory: '', residentMegabytes: NaN };

async function withMooring<Value>(
  command: 'serve' | 'start',
  work: (mooring: MooringProcess) => Promise<Value>,
): Promise<Value> {
  const mooring = await startMooring(command, story.directory);
  try {
    return await work(mooring);
  } finally {
    await mooring.stop();
  }
}

/** Whether the churn model has a production version. */
async function isPromoted({ isReady, graphql }: MooringProcess): Promise<boolean> {
  if (!(await isReady())) return false;
  const { model } = await graphql<{ model: { production: object | null } | null }>(
    '{ model(name: "churn") { production { version } } }',
  );
  return model?.production != null;
}

async function isStoryTold({ graphql }: MooringProcess): Promise<boolean> {
  const { triggerEvaluations } = await graphql<{ triggerEvaluations: { nodes: { outcome: object | null }[] } }>(
    '{ triggerEvaluations(model: "churn", first: 1) { nodes { outcome { promoted } } } }',
  );
  return triggerEvaluations.nodes[0]?.outcome != null;
}

const firstStart: BenchCase = {
  name: 'first start to a promoted model, 20,000 subscribers, against the limit',
  unit: 's',
  higherIsBetter: false,
  rounds: 1,
  run: () =>
    withMooring('start', async (mooring) => {
      const seconds = await mooring.secondsUntil(() => isPromoted(mooring), GIVE_UP_AFTER * PROMOTED_LIMIT_SECONDS);
      await mooring.secondsUntil(() => isStoryTold(mooring), STORY_SECONDS);
      await sleep(REST_SECONDS * 1000);
      story.residentMegabytes = mooring.residentMegabytes();
      return seconds;
    }),
  baseline: () => PROMOTED_LIMIT_SECONDS,
};

const warmStart: BenchCase = {
  name: 'warm start to ready, against the limit',
  unit: 's',
  higherIsBetter: false,
  run: () =>
    withMooring('serve', (mooring) => mooring.secondsUntil(mooring.isReady, GIVE_UP_AFTER * WARM_LIMIT_SECONDS)),
  baseline: () => WARM_LIMIT_SECONDS,
};

const memoryAfterStory: BenchCase = {
  name: 'resident memory of the Node process at rest after the example, against the limit',
  unit: 'MB',
  higherIsBetter: false,
  rounds: 1,
  run: () => story.residentMegabytes,
  baseline: () => MEMORY_LIMIT_MB,
};

const memoryAtRest: BenchCase = {
  name: 'resident memory of the Node process at rest after a warm start, against the limit',
  unit: 'MB',
  higherIsBetter: false,
  rounds: 1,
  run: () =>
    withMooring('serve', async (mooring) => {
      await mooring.secondsUntil(mooring.isReady, GIVE_UP_AFTER * WARM_LIMIT_SECONDS);
      await sleep(REST_SECONDS * 1000);
      return mooring.residentMegabytes();
    }),
  baseline: () => MEMORY_LIMIT_MB,
};

export const bench: Bench = {
  name: 'startup',
  description: 'starting on an empty and on a used data directory, and what the server keeps in memory',
  setup() {
    story.directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-'));
    // Root's PostgreSQL runs as another user, who has to get in.
    chmodSync(story.directory, 0o711);
  },
  teardown() {
    rmSync(story.directory, { recursive: true, force: true });
  },
  cases: [firstStart, memoryAfterStory, warmStart, memoryAtRest],
};
