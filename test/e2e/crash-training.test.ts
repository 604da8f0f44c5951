import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, endedJob, eventsOnceThereAre, type JobState, jobState, mutate, NoAnswer } from '../support/api-client';
import {
  buildDataset,
  createModel,
  drawCustomers,
  ingestCustomers,
  register,
  startDataset,
  startTraining,
} from '../support/customers-api';
import { RestartableServer } from '../support/restartable-server';
import { seededTest } from '../support/seeded-test';
import { until } from '../support/until';

const CUSTOMERS = 40_000;
/** Some seconds of work, so that a kill can come in its middle. */
const LONG_TRAINING = {
  model: 'leavers',
  seed: 7,
  algorithm: 'GRADIENT_BOOSTING',
  parameters: { iterations: 400, learningRate: 0.01, numLeaves: 31, patience: 400 },
};

const random = seededTest('crash-training');
let server: RestartableServer;
beforeAll(async () => {
  server = await RestartableServer.start();
  await ingestCustomers(server.url, drawCustomers(CUSTOMERS, 'crash'));
  await createModel(server.url, 'leavers');
}, 60_000);
afterAll(() => server.end());

/** Waits until the job runs, and a moment of its work more; kills the server; starts it again. @returns the job as it was last seen alive */
async function crashDuring(jobId: string, momentMs: number): Promise<JobState> {
  await until('running job', async () => (await jobState(server.url, jobId)).status !== 'QUEUED');
  await sleep(momentMs);
  const seen = await jobState(server.url, jobId);
  await server.crash();
  await server.restart();
  return seen;
}

async function onlyValue<T>(query: string, variables: object): Promise<T> {
  return Object.values(await ask<Record<string, T>>(server.url, query, variables))[0];
}

interface Dataset {
  readonly status: string;
  readonly fingerprint: string;
  readonly rowCount: number;
}
const datasetOf = (id: string) =>
  onlyValue<Dataset>('query Test($id: ID!) { dataset(id: $id) { status fingerprint rowCount } }', { id });

interface Run {
  readonly status: string;
  readonly metrics: readonly { name: string; value: number }[];
}
const runOf = (id: string) =>
  onlyValue<Run>('query Test($id: ID!) { trainingRun(id: $id) { status metrics { name value } } }', { id });

async function expectEvents(type: string, count: number): Promise<void> {
  expect(await eventsOnceThereAre(count, server.url, `[${type}]`)).toHaveLength(count);
}

const datasetFiles = () =>
  fs
    .readdirSync(path.join(server.dataDirectory, 'offline', 'datasets'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());

describe('kill -9 of the server during a dataset build', () => {
  it('is followed by another attempt that makes the same dataset as an undisturbed build', async () => {
    const { datasetId, jobId } = await startDataset(server.url, 'disturbed');
    const seen = await crashDuring(jobId, random.integer(80));
    expect(seen).toMatchObject({ status: 'RUNNING', attempt: 1 });
    await expect(endedJob(server.url, jobId)).resolves.toMatchObject({ status: 'SUCCEEDED', attempt: 2, error: null });
    const disturbed = await datasetOf(datasetId);
    expect(disturbed).toMatchObject({ status: 'READY', rowCount: CUSTOMERS });
    expect(await datasetOf(await buildDataset(server.url, 'undisturbed'))).toEqual(disturbed);
    await expectEvents('DATASET_READY', 2);
  }, 60_000);
});

describe('kill -9 of the server during a training', () => {
  let datasetId: string;
  let runId: string;

  it('is followed by another attempt each time, until it succeeds', async () => {
    datasetId = await buildDataset(server.url, 'to train on');
    const started = await startTraining(server.url, { ...LONG_TRAINING, datasetId });
    runId = started.runId;
    for (const attempt of [1, 2]) {
      const seen = await crashDuring(started.jobId, 100 + random.integer(600));
      expect(seen).toMatchObject({ status: 'RUNNING', attempt });
    }
    await expect(endedJob(server.url, started.jobId)).resolves.toMatchObject({
      status: 'SUCCEEDED',
      attempt: 3,
      progressRatio: 1,
      error: null,
    });
    await expect(runOf(runId)).resolves.toMatchObject({ status: 'SUCCEEDED' });
    await expectEvents('TRAINING_RUN_FINISHED', 1);
  }, 90_000);

  it('leaves one run with the result of an undisturbed one', async () => {
    const undisturbed = await startTraining(server.url, { ...LONG_TRAINING, datasetId });
    await expect(endedJob(server.url, undisturbed.jobId)).resolves.toMatchObject({ status: 'SUCCEEDED', attempt: 1 });
    expect(await runOf(undisturbed.runId)).toEqual(await runOf(runId));
    const { totalCount } = await onlyValue<{ totalCount: number }>(
      'query Test($model: String!) { trainingRuns(model: $model) { totalCount } }',
      { model: 'leavers' },
    );
    expect(totalCount).toBe(2);
  }, 60_000);

  it('leaves a run that becomes one version, though the server is killed while it is registered', async () => {
    const answer = register(server.url, 'leavers', runId).catch((error: unknown) => error);
    await sleep(random.integer(120));
    await server.crash();
    const first = await answer;
    await server.restart();
    const again = await Promise.all([1, 2, 3].map(() => register(server.url, 'leavers', runId)));
    expect(again).toEqual([1, 1, 1]);
    expect(first === 1 || first instanceof NoAnswer).toBe(true);
    const { totalCount } = await onlyValue<{ totalCount: number }>(
      'query Test($model: String!) { modelVersions(model: $model) { totalCount } }',
      { model: 'leavers' },
    );
    expect(totalCount).toBe(1);
    await expectEvents('MODEL_VERSION_REGISTERED', 1);
  }, 60_000);

  it('gives a job up that has taken its process along three times, and lets the next one start', async () => {
    const { jobId, runId: doomed } = await startTraining(server.url, { ...LONG_TRAINING, datasetId });
    for (const attempt of [1, 2, 3]) {
      const seen = await crashDuring(jobId, random.integer(300));
      expect(seen).toMatchObject({ status: 'RUNNING', attempt });
    }
    await expect(endedJob(server.url, jobId)).resolves.toMatchObject({
      status: 'FAILED',
      attempt: 3,
      error: { code: 'WORKER_LOST' },
    });
    await expect(runOf(doomed)).resolves.toMatchObject({ status: 'FAILED' });
    const next = await startTraining(server.url, { ...LONG_TRAINING, datasetId });
    await mutate(server.url, 'cancelJob', { id: next.jobId }, 'job { id }');
    await expect(endedJob(server.url, next.jobId)).resolves.toMatchObject({ status: 'CANCELLED' });
  }, 60_000);

  it('leaves no file of an attempt that was cut off', () => {
    // Three datasets are ready; what the killed build had written went with a later start.
    expect(datasetFiles()).toHaveLength(3);
  });
});
