import { setTimeout as sleep } from 'node:timers/promises';
import { allPages, ApiError, ask, eventsOnceThereAre, mutate, NoAnswer } from '../support/api-client';
import {
  buildDataset,
  createModel,
  drawCustomers,
  ingestCustomers,
  move,
  register,
  train,
} from '../support/customers-api';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { until } from '../support/until';

const ROUNDS = 4;
const CLIENTS = 5;
const FIRST_VERSIONS = 3;
const MODEL = 'leavers';

type Stage = 'NONE' | 'STAGING' | 'PRODUCTION' | 'ARCHIVED';

interface Transition {
  readonly id: string;
  readonly modelVersion: { readonly version: number };
  readonly fromStage: Stage;
  readonly toStage: Stage;
  readonly createdAt: string;
}

interface Move {
  readonly model: string;
  readonly version: number;
  readonly expectedStage: Stage;
  readonly toStage: Stage;
  readonly idempotencyKey: string;
}

interface Moved {
  readonly transition: Transition;
  readonly archivedVersion: { readonly version: number } | null;
}

const TRANSITION = 'id modelVersion { version } fromStage toStage createdAt';
/** What a client that raced with others has to expect. */
const REFUSALS = ['STAGE_CONFLICT', 'STAGE_TRANSITION_NOT_ALLOWED', 'BASELINE_CHANGED'];

const random = seededTest('crash-promotion');
let server: RestartableServer;
let datasetId: string;
let runs = FIRST_VERSIONS;
const acknowledged: Moved[] = [];
const unknown: Move[] = [];
let keys = 0;

beforeAll(async () => {
  server = await RestartableServer.start();
  const { url } = server;
  await ingestCustomers(url, drawCustomers(1500, 'promotion'));
  await createModel(url, MODEL);
  datasetId = await buildDataset(url, 'customers');
  for (let seed = 1; seed <= FIRST_VERSIONS; seed++) {
    const version = await register(url, MODEL, await train(url, MODEL, datasetId, seed));
    await move(url, MODEL, version, 'NONE', 'STAGING');
  }
}, 90_000);
afterAll(() => server.end());

async function stages(): Promise<Map<number, Stage>> {
  const { modelVersions } = await ask<{ modelVersions: { nodes: { version: number; stage: Stage }[] } }>(
    server.url,
    `{ modelVersions(model: "${MODEL}", first: 100) { nodes { version stage } } }`,
  );
  return new Map(modelVersions.nodes.map(({ version, stage }) => [version, stage]));
}

/** A move that would be allowed if nobody else moved anything; promotions above all. */
async function drawMove(): Promise<Move> {
  const all = [...(await stages())];
  const [version, expectedStage] = all[random.integer(all.length)];
  const others = {
    NONE: ['STAGING'],
    STAGING: ['PRODUCTION', 'PRODUCTION', 'PRODUCTION', 'ARCHIVED'],
    PRODUCTION: ['ARCHIVED'],
    ARCHIVED: ['PRODUCTION', 'STAGING'],
  } as const;
  const toStage = others[expectedStage][random.integer(others[expectedStage].length)];
  return { model: MODEL, version, expectedStage, toStage, idempotencyKey: `move-${keys++}` };
}

/** @returns false when it was refused */
async function apply(input: Move): Promise<boolean> {
  try {
    const selection = `transition { ${TRANSITION} } archivedVersion { version }`;
    acknowledged.push(await mutate<Moved>(server.url, 'transitionModelVersion', input, selection));
    return true;
  } catch (error) {
    if (error instanceof ApiError && REFUSALS.includes(error.code)) return false;
    throw error;
  }
}

async function moveUntilGone(): Promise<void> {
  for (;;) {
    let input: Move | null = null;
    try {
      input = await drawMove();
      await apply(input);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (input) unknown.push(input);
      return;
    }
  }
}

async function registerMeanwhile(runId: string): Promise<void> {
  await sleep(random.integer(600));
  await register(server.url, MODEL, runId).catch((error: unknown) => {
    if (error instanceof ApiError && REFUSALS.includes(error.code)) return;
    if (!(error instanceof NoAnswer)) throw error;
  });
}

/** Oldest first; the API tells the newest first. */
const transitions = async (): Promise<Transition[]> =>
  (await allPages<Transition>(server.url, 'modelTransitions', `model: "${MODEL}"`, TRANSITION)).reverse();

/** Transitions, stages, events and the audit chain tell one story, in which all is whole. */
async function expectOneStory(): Promise<Transition[]> {
  const rows = await transitions();
  const byId = new Map(rows.map((row) => [row.id, row]));
  expect(byId.size).toBe(rows.length);

  // Replayed in the order of the list, every row goes on where the one before has left its version.
  const replayed = new Map<number, Stage>();
  for (let at = 0; at < rows.length;) {
    const together = rows.slice(at).filter(({ createdAt }) => createdAt === rows[at].createdAt);
    at += together.length;
    const before = new Map(replayed);
    for (const { modelVersion, fromStage, toStage } of together) {
      expect({ version: modelVersion.version, at: replayed.get(modelVersion.version) ?? 'NONE' }).toEqual({
        version: modelVersion.version,
        at: fromStage,
      });
      replayed.set(modelVersion.version, toStage);
    }
    // A promotion archives the former version at the same time; nothing else happens then.
    const former = [...before].find(([, stage]) => stage === 'PRODUCTION')?.[0];
    const promoted = together.find(({ toStage }) => toStage === 'PRODUCTION');
    expect(together).toHaveLength(promoted && former !== undefined ? 2 : 1);
    expect([...replayed.values()].filter((stage) => stage === 'PRODUCTION').length).toBeLessThanOrEqual(1);
  }
  const current = await stages();
  expect([...current].map(([version, stage]) => [version, replayed.get(version) ?? 'NONE', stage])).toEqual(
    [...current].map(([version, stage]) => [version, stage, stage]),
  );
  // Numbers without a gap.
  expect([...current.keys()].sort((a, b) => a - b)).toEqual(Array.from(current, (_, index) => index + 1));

  for (const { transition, archivedVersion } of acknowledged) {
    expect(byId.get(transition.id)).toEqual(transition);
    const archived = rows.find(
      ({ id, createdAt }) => createdAt === transition.createdAt && id !== transition.id,
    )?.modelVersion;
    expect(archived ?? null).toEqual(archivedVersion);
  }

  const events = await eventsOnceThereAre(rows.length, server.url, '[MODEL_TRANSITIONED]');
  const announced = events.map(({ payload }) => String(payload.transitionId));
  expect([...announced].sort()).toEqual(rows.map(({ id }) => id).sort());
  const times = announced.map((id) => byId.get(id)?.createdAt ?? '');
  expect(times).toEqual([...times].sort());

  const { audit, submissions } = await ask<{
    audit: { valid: boolean; entryCount: number };
    submissions: { totalCount: number };
  }>(
    server.url,
    `{ audit: verifyAuditTrail(model: "${MODEL}") { valid entryCount } submissions: modelSubmissions(model: "${MODEL}") { totalCount } }`,
  );
  expect(submissions.totalCount).toBe(current.size);
  // The model, each run, each registration, each move.
  expect(audit).toEqual({ valid: true, entryCount: 1 + runs + current.size + rows.length });
  return rows;
}

describe('kill -9 of the server while clients promote and register', () => {
  it('leaves every acknowledged move, no half of one, and one story in every table', async () => {
    let retried = 0;
    let wereThere = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const runId = await train(server.url, MODEL, datasetId, 100 + round);
      runs += 1;
      const load = [registerMeanwhile(runId), ...Array.from({ length: CLIENTS }, moveUntilGone)];
      const began = acknowledged.length;
      await until('move', () => acknowledged.length >= began + 3);
      await sleep(random.integer(800));
      await server.crash();
      await Promise.all(load);
      await server.restart();
      const rows = await expectOneStory();

      // Asked again with their keys, moves of unknown end are answered as they were, or made or refused now.
      const before = acknowledged.length;
      retried += unknown.length;
      for (const input of unknown.splice(0)) await apply(input);
      const answered = acknowledged.slice(before);
      const added = answered.filter(({ transition }) => rows.every(({ id }) => id !== transition.id));
      wereThere += answered.length - added.length;
      const after = await transitions();
      expect(after.length - rows.length).toBe(
        added.reduce((count, { archivedVersion }) => count + (archivedVersion ? 2 : 1), 0),
      );

      const version = await register(server.url, MODEL, runId);
      await expect(register(server.url, MODEL, runId)).resolves.toBe(version);
      expect((await stages()).size).toBe(FIRST_VERSIONS + round);
      await expectOneStory();
    }
    process.stdout.write(
      `crash-promotion: ${acknowledged.length} moves acknowledged, ${retried} of unknown end, of which ${wereThere} were done\n`,
    );
    expect(retried).toBeGreaterThan(0);
  }, 120_000);
});
