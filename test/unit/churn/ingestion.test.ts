import type { GraphqlClient } from '../../../examples/churn/graphql-client';
import { populationStory } from '../../../examples/churn/population-story';
import type { StepReport } from '../../../examples/churn/progress';
import { Ingestion } from '../../../examples/churn/steps/ingestion';
import type { FeatureRow } from '../../../examples/churn/story';

const story = populationStory({ subscribers: 200, seed: 3, name: null });
const all = [...story.past(), ...story.laterWindow(), ...story.laterOutcomes()];

/** A server that keeps rows by view, whole batches or nothing, and can be made to fail at its n-th batch. */
class FakeServer {
  readonly rows = new Map<string, FeatureRow[]>();
  readonly keys: string[] = [];
  failAt = Infinity;

  readonly client = {
    query: (_operation: unknown, { name }: { name: string }) =>
      Promise.resolve({ featureView: { rowCount: this.rows.get(name)?.length ?? 0, tags: {} } }),
    mutate: (
      _operation: unknown,
      { input }: { input: { view: string; rows: FeatureRow[]; idempotencyKey: string } },
    ) => {
      if (this.keys.length === this.failAt) return Promise.reject(new Error('the server has gone'));
      this.keys.push(input.idempotencyKey);
      this.rows.set(input.view, [...(this.rows.get(input.view) ?? []), ...input.rows]);
      return Promise.resolve({ batch: { rowCount: input.rows.length } });
    },
  } as unknown as GraphqlClient;
}

function report(): StepReport & { text: string } {
  const kept = { text: '', progress: () => undefined, result: (text: string) => void (kept.text = text) };
  return kept;
}

async function run(server: FakeServer): Promise<{ ahead: boolean; texts: string[] }> {
  const ingestion = await Ingestion.begin(server.client, story);
  const texts: string[] = [];
  let ahead = false;
  for (const [i, part] of [story.past(), story.laterWindow(), story.laterOutcomes()].entries()) {
    const line = report();
    await ingestion.send(part, story.approximateRows.past, line);
    texts.push(line.text);
    if (i === 0) ahead = ingestion.isAhead;
  }
  return { ahead, texts };
}

const expected = (view: string): FeatureRow[] =>
  all.filter((batch) => batch.view === view).flatMap(({ rows }) => [...rows]);
const views = [...story.featureViews, story.labelView].map(({ name }) => name);

describe('Ingestion', () => {
  it('sends every row once, in order, each batch under a key of its own', async () => {
    const server = new FakeServer();
    const { ahead } = await run(server);
    for (const view of views) expect(server.rows.get(view)).toEqual(expected(view));
    expect(new Set(server.keys).size).toBe(server.keys.length);
    expect(ahead).toBe(false);
  });

  it('goes on where an interrupted run has stopped, wherever that was', async () => {
    const whole = new FakeServer();
    await run(whole);
    for (let failAt = 0; failAt < whole.keys.length; failAt++) {
      const server = new FakeServer();
      server.failAt = failAt;
      await expect(run(server)).rejects.toThrow('the server has gone');
      server.failAt = Infinity;
      await run(server);
      for (const view of views) expect(server.rows.get(view)).toEqual(expected(view));
      expect(server.keys).toEqual(whole.keys);
    }
  });

  it('sends nothing in a second run, says so, and knows that the later window is there already', async () => {
    const server = new FakeServer();
    await run(server);
    const sent = server.keys.length;
    const { ahead, texts } = await run(server);
    expect(server.keys).toHaveLength(sent);
    expect(ahead).toBe(true);
    expect(texts[0]).toMatch(/^0 rows; [\d,]+ were there already$/);
  });

  it('goes on inside a batch when an older version of the example has cut the rows otherwise', async () => {
    const server = new FakeServer();
    const [first] = all;
    server.rows.set(first.view, first.rows.slice(0, 123));
    await run(server);
    expect(server.rows.get(first.view)).toEqual(expected(first.view));
  });
});
