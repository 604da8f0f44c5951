import { setTimeout as sleep } from 'node:timers/promises';
import { allPages, ask, endedJob, eventsOnceThereAre, type HappenedEvent, mutate } from '../support/api-client';
import {
  buildDataset,
  createModel,
  drawCustomers,
  ingestCustomers,
  move,
  moveAtLast,
  register,
  train,
} from '../support/customers-api';
import { type Delivered, ResumingListener } from '../support/resuming-listener';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { until } from '../support/until';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const MODELS = ['alpha', 'beta'] as const;
const MOVES = '[MODEL_TRANSITIONED]';
/** Those that bring two versions of each model into being. */
const FIRST_MOVES = 6;

const random = seededTest('resume-subscription');
let database: TestDatabase;
let server: RestartableServer;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await RestartableServer.start({ databaseUrl: database.url, migrationDatabaseUrl: database.ownerUrl });
  const { url } = server;
  await ingestCustomers(url, drawCustomers(1500, 'resumed'));
  const datasetId = await buildDataset(url, 'customers');
  for (const model of MODELS) {
    await createModel(url, model);
    for (const seed of [1, 2]) {
      const version = await register(url, model, await train(url, model, datasetId, seed));
      await move(url, model, version, 'NONE', 'STAGING', ...(version === 1 ? ['PRODUCTION'] : []));
    }
  }
}, 90_000);
afterAll(async () => {
  await server.end();
  await database.drop();
});

/** Of the last event. */
const lastCursor = async (): Promise<string> => (await eventsOnceThereAre(1, server.url, 'null')).at(-1)!.cursor;

describe('listeners that come and go while versions move and the server restarts', () => {
  it('receive every event once and in order', async () => {
    const begin = (await eventsOnceThereAre(FIRST_MOVES, server.url, MOVES)).at(-1)!.cursor;
    const transition = 'id toStage model { name }';
    interface Moved {
      readonly id: string;
      readonly toStage: string;
      readonly model: { readonly name: string };
    }
    const everything = new ResumingListener<HappenedEvent>('events', 'types: null', 'type cursor payload', begin);
    const fromNow = new ResumingListener<HappenedEvent>(
      'events',
      'types: [MODEL_TRANSITIONED]',
      'type cursor payload',
      null,
    );
    const alphas = new ResumingListener<Moved>('modelTransitioned', 'model: "alpha"', transition, begin);
    const archived = new ResumingListener<Moved>('modelTransitioned', 'toStage: ARCHIVED', transition, begin);
    const listeners = [everything, fromNow, alphas, archived];
    const steady = new ResumingListener<HappenedEvent>('events', 'types: null', 'cursor', begin);

    let isOver = false;
    let connectionCount = 0;
    const comeAndGo = async (listener: (typeof listeners)[number]) => {
      while (!isOver) {
        const connection = listener.connect(server.url);
        connectionCount += 1;
        await Promise.race([connection.ended, sleep(30 + random.integer(300))]);
        connection.cut();
        await connection.ended;
        // What happens now is missed.
        await sleep(20 + random.integer(100));
      }
    };
    const endings = new Set<string>();
    const stay = async () => {
      while (!isOver) {
        const connection = steady.connect(server.url);
        while (!isOver && (await Promise.race([connection.ended, sleep(50)])) === undefined);
        connection.cut();
        const ending = await connection.ended;
        if (steady.received.length > 0) endings.add(ending);
      }
    };
    const acknowledged: { readonly [model: string]: string[] } = { alpha: [], beta: [] };
    const acknowledgedCount = () => Object.values(acknowledged).flat().length;
    const write = async (model: string) => {
      let stages = ['STAGING', 'ARCHIVED'];
      for (let count = 0; !isOver; count += 1) {
        const [expectedStage, toStage] = stages;
        const input = { model, version: 2, expectedStage, toStage, idempotencyKey: `${model}-${count}` };
        acknowledged[model].push(await moveAtLast(() => server.url, input));
        stages = stages.reverse();
      }
    };
    const running = [...listeners.map(comeAndGo), stay(), ...MODELS.map(write)];

    const someMoves = async () => {
      const enough = acknowledgedCount() + 12;
      await until('dozen of moves', () => acknowledgedCount() >= enough);
      await sleep(random.integer(300));
    };
    await someMoves();
    expect(await server.terminate()).toEqual({ code: 0, signal: null });
    await server.restart();
    await someMoves();
    await server.crash();
    await server.restart();
    await someMoves();
    isOver = true;
    await Promise.all(running);

    const count = FIRST_MOVES + acknowledgedCount();
    const moves = (await eventsOnceThereAre(count, server.url, MOVES)).slice(FIRST_MOVES);
    const ids = moves.map(({ payload }) => payload.transitionId);
    const rows = await Promise.all(
      MODELS.map((model) => allPages<Moved>(server.url, 'modelTransitions', `model: "${model}"`, transition)),
    );
    const byId = new Map(rows.flat().map((row) => [row.id, row]));
    const all = ids.map((id) => byId.get(id as string)!);
    // What was acknowledged was announced, and nothing else, for a retry with the same key is no second move.
    for (const model of MODELS) {
      const announced = all.filter((row) => row.model.name === model);
      const stages = ['ARCHIVED', 'STAGING'];
      expect(announced).toEqual(
        acknowledged[model].map((id, index) => ({ ...byId.get(id)!, toStage: stages[index % stages.length] })),
      );
    }
    expect(new Set(ids).size).toBe(ids.length);
    const happened = await eventsOnceThereAre(count, server.url, 'null');
    expect(happened.slice(happened.findIndex(({ cursor }) => cursor === begin) + 1)).toEqual(moves);

    const connections = listeners.map((listener) => listener.connect(server.url));
    await everything.waitFor(moves.length);
    expect(everything.received.map(({ cursor, event }) => [cursor, event])).toEqual(
      moves.map((event) => [event.cursor, event]),
    );
    const expectMoves = async (listener: ResumingListener<Moved>, isMeant: (event: Moved) => boolean) => {
      const meant = everything.received.filter((_, index) => isMeant(all[index]));
      await listener.waitFor(meant.length);
      expect(listener.received.map(({ cursor }) => cursor)).toEqual(meant.map(({ cursor }) => cursor));
      expect(listener.received.every(({ event }) => isMeant(event))).toBe(true);
    };
    await expectMoves(alphas, ({ model }) => model.name === 'alpha');
    await expectMoves(archived, ({ toStage }) => toStage === 'ARCHIVED');
    // "From now" begins somewhere; from there on nothing is missing.
    const [first] = fromNow.received;
    const start = moves.findIndex(({ cursor }) => cursor === first.cursor);
    await fromNow.waitFor(moves.length - start);
    expect(fromNow.received.map(({ cursor }) => cursor)).toEqual(moves.slice(start).map(({ cursor }) => cursor));

    // Nothing comes after the last one either.
    await sleep(200);
    expect(everything.received).toHaveLength(moves.length);
    connections.forEach(({ cut }) => cut());
    await Promise.all(connections.map(({ ended }) => ended));

    // Who stayed was told before the server went in order.
    expect(endings).toContain('SHUTTING_DOWN');
    expect(steady.received.map(({ cursor }) => cursor)).toEqual(
      moves.slice(0, steady.received.length).map(({ cursor }) => cursor),
    );
    process.stdout.write(`resume-subscription: ${moves.length} events, ${connectionCount} connections\n`);
  }, 90_000);
});

describe('a cursor', () => {
  const outcomeOf = async (after: string): Promise<string> => {
    const listener = new ResumingListener('events', 'types: null', 'type', after);
    const connection = listener.connect(server.url);
    const outcome = await Promise.race([connection.ended, sleep(5_000, 'nothing', { ref: false })]);
    connection.cut();
    expect(listener.received).toEqual([]);
    return outcome;
  };

  it('that nobody was given is CURSOR_INVALID, by subscription and by query', async () => {
    const last = await lastCursor();
    const { modelTransitions } = await ask<{ modelTransitions: { edges: { cursor: string }[] } }>(
      server.url,
      '{ modelTransitions(model: "alpha", first: 1) { edges { cursor } } }',
    );
    const ofTheFuture = Buffer.from(
      Buffer.from(last, 'base64url')
        .toString()
        .replace(/\d+$/, (sequence) => String(Number(sequence) + 1)),
    ).toString('base64url');
    for (const forged of ['nonsense', '', `${last}=`, ofTheFuture, modelTransitions.edges[0].cursor]) {
      await expect(outcomeOf(forged)).resolves.toBe('CURSOR_INVALID');
      await expect(
        ask(server.url, 'query Test($after: String) { events(after: $after) { nodes { cursor } } }', { after: forged }),
      ).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
    }
  });
});

describe('driftAlerts', () => {
  interface Change {
    readonly change: string;
    readonly alert: { readonly id: string; readonly revision: number; readonly model: { readonly name: string } };
  }
  const CHANGE = 'change alert { id revision model { name } }';
  const told = ({ received }: ResumingListener<Change>) =>
    received.map(({ event }: Delivered<Change>) => `${event.alert.model.name} ${event.change}`);

  /** Predictions for customers such as the model has never seen, and the report that says so. */
  async function drift(model: string): Promise<void> {
    const from = new Date(Date.now() - 60_000).toISOString();
    const rows = drawCustomers(80, `drifted ${random.integer(1e6)}`, 40).map(({ spend, visits, plan }) => ({
      spend,
      visits,
      plan,
    }));
    await mutate(server.url, 'predictBatch', { model, rows }, 'results { prediction { id } }');
    const to = new Date(Date.now() + 60_000).toISOString();
    const { job } = await mutate<{ job: { id: string } }>(
      server.url,
      'runDriftReport',
      { model, from, to },
      'job { id }',
    );
    await expect(endedJob(server.url, job.id)).resolves.toMatchObject({ status: 'SUCCEEDED' });
  }

  async function handle(mutation: 'acknowledgeAlert' | 'resolveAlert', model: string): Promise<void> {
    type AlertOfModel = Change['alert'];
    const { alerts } = await ask<{ alerts: { nodes: AlertOfModel[] } }>(
      server.url,
      '{ alerts { nodes { id revision model { name } } } }',
    );
    const { id, revision } = alerts.nodes.find((alert) => alert.model.name === model)!;
    await mutate(server.url, mutation, { id, revision }, 'alert { status }');
  }

  it('of one model resume across absence and a killed server, without those of others', async () => {
    for (const model of MODELS) {
      await mutate(server.url, 'setMonitoringPolicy', { model, minimumRows: 50 }, 'monitoringPolicy { revision }');
    }
    const begin = await lastCursor();
    const alpha = new ResumingListener<Change>('driftAlerts', 'model: "alpha"', CHANGE, begin);
    const all = new ResumingListener<Change>('driftAlerts', 'model: null', CHANGE, begin);
    let connections = [alpha.connect(server.url), all.connect(server.url)];
    await drift('alpha');
    await Promise.all([alpha.waitFor(1), all.waitFor(1)]);
    connections.forEach(({ cut }) => cut());
    await drift('beta');
    await handle('acknowledgeAlert', 'alpha');
    await drift('alpha');
    await server.crash();
    await server.restart();
    await handle('resolveAlert', 'alpha');

    connections = [alpha.connect(server.url), all.connect(server.url)];
    await Promise.all([alpha.waitFor(4), all.waitFor(5)]);
    await drift('alpha');
    await Promise.all([alpha.waitFor(5), all.waitFor(6)]);
    await handle('resolveAlert', 'beta');
    await all.waitFor(7);
    await sleep(100);
    connections.forEach(({ cut }) => cut());
    await Promise.all(connections.map(({ ended }) => ended));

    const changes = ['alpha RAISED', 'alpha ACKNOWLEDGED', 'alpha RECURRED', 'alpha RESOLVED', 'alpha RAISED'];
    expect(told(alpha)).toEqual(changes);
    expect(told(all)).toEqual([changes[0], 'beta RAISED', ...changes.slice(1), 'beta RESOLVED']);
    const cursors = all.received.map(({ cursor }) => cursor);
    expect(alpha.received.map(({ cursor }) => cursor)).toEqual([0, 2, 3, 4, 5].map((index) => cursors[index]));
  }, 60_000);
});
