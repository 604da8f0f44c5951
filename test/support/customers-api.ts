import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../src/services/statistics';
import { ApiError, endedJob, mutate, NoAnswer } from './api-client';

/** Features as `predict` takes them. */
export interface CustomerFeatures {
  readonly spend: number;
  readonly visits: number;
  readonly plan: string;
}

export interface Customer extends CustomerFeatures {
  readonly id: string;
  readonly left: boolean;
}

const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const ROWS_PER_BATCH = 10_000;

/** Customers drawn from one law, the same ones for the same seed. @param shift added to everybody's spend: drift */
export function drawCustomers(count: number, seed: string, shift = 0): Customer[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const spend = 50 + 15 * random.normal() + shift;
    const visits = random.integer(12);
    const plan = ['basic', 'plus', 'pro'][random.integer(3)];
    const logit = (spend - 50) / 10 - visits / 4 + (plan === 'basic' ? 1 : 0);
    return { id: `${seed}-${index}`, spend, visits, plan, left: random.uniform() < 1 / (1 + Math.exp(-logit)) };
  });
}

/** Defines entity, views and service for customers, and ingests what is known of them. */
export async function ingestCustomers(url: string, customers: readonly Customer[]): Promise<void> {
  await mutate(url, 'applyEntity', { name: 'customer', joinKeys: [{ name: 'customer_id' }] }, 'entity { id }');
  const usage = [
    { name: 'spend', dtype: 'DOUBLE' },
    { name: 'visits', dtype: 'INT64' },
    { name: 'plan', dtype: 'STRING' },
  ];
  const views = { usage, outcome: [{ name: 'left', dtype: 'BOOL' }] };
  for (const [name, fields] of Object.entries(views)) {
    await mutate(url, 'applyFeatureView', { name, entity: 'customer', fields }, 'featureView { id }');
  }
  await mutate(
    url,
    'applyFeatureService',
    { name: 'customers', features: [{ view: 'usage' }] },
    'featureService { id }',
  );

  const key = (customer: Customer, index: number) => ({
    customer_id: customer.id,
    eventTimestamp: new Date(START + index * MINUTE_MS).toISOString(),
  });
  const rows = {
    usage: customers.map((customer, index) => {
      const { spend, visits, plan } = customer;
      return { ...key(customer, index), spend, visits, plan };
    }),
    outcome: customers.map((customer, index) => ({ ...key(customer, index), left: customer.left })),
  };
  for (const [view, all] of Object.entries(rows)) {
    for (let from = 0; from < all.length; from += ROWS_PER_BATCH) {
      await mutate(url, 'ingestFeatures', { view, rows: all.slice(from, from + ROWS_PER_BATCH) }, 'batch { id }');
    }
  }
}

/** Copies the customers to the online store. */
export async function materializeCustomers(url: string): Promise<void> {
  const { job } = await mutate<JobOf>(url, 'materializeFeatures', { views: ['usage'] }, 'job { id }');
  await succeeded(url, job.id);
}

interface JobOf {
  readonly job: { readonly id: string };
}

/** Asks for a dataset of all customers; it is not there yet. */
export async function startDataset(url: string, name: string): Promise<{ datasetId: string; jobId: string }> {
  const { job, dataset } = await mutate<JobOf & { dataset: { id: string } }>(
    url,
    'createDataset',
    { name, featureService: 'customers', labels: { view: 'outcome', field: 'left' }, split: { strategy: 'TIME' } },
    'job { id } dataset { id }',
  );
  return { datasetId: dataset.id, jobId: job.id };
}

export async function buildDataset(url: string, name: string): Promise<string> {
  const { datasetId, jobId } = await startDataset(url, name);
  await succeeded(url, jobId);
  return datasetId;
}

export interface TrainingInput {
  readonly model: string;
  readonly datasetId: string;
  readonly seed: number;
  readonly algorithm?: string;
  readonly parameters?: Readonly<Record<string, number>>;
}

export async function startTraining(url: string, input: TrainingInput): Promise<{ runId: string; jobId: string }> {
  const { job, trainingRun } = await mutate<JobOf & { trainingRun: { id: string } }>(
    url,
    'startTraining',
    input,
    'job { id } trainingRun { id }',
  );
  return { runId: trainingRun.id, jobId: job.id };
}

/** Trains by logistic regression, which takes half a second. @returns the run's id */
export async function train(url: string, model: string, datasetId: string, seed = 1): Promise<string> {
  const { runId, jobId } = await startTraining(url, { model, datasetId, seed, algorithm: 'LOGISTIC_REGRESSION' });
  await succeeded(url, jobId);
  return runId;
}

/** A model whose gate lets everything pass that can tell customers apart at all. */
export async function createModel(url: string, name: string): Promise<void> {
  const rules = [{ metric: 'auc', comparison: 'AT_LEAST', threshold: 0.6 }];
  await mutate(url, 'createModel', { name, qualityPolicy: { minimumEvaluationRows: 50, rules } }, 'model { id }');
}

/** @returns the version's number */
export async function register(url: string, model: string, trainingRunId: string): Promise<number> {
  const { modelVersion } = await mutate<{ modelVersion: { version: number } }>(
    url,
    'registerModelVersion',
    { model, trainingRunId },
    'modelVersion { version }',
  );
  return modelVersion.version;
}

export async function move(url: string, model: string, version: number, ...stages: string[]): Promise<void> {
  for (const [index, toStage] of stages.slice(1).entries()) {
    const input = { model, version, expectedStage: stages[index], toStage };
    await mutate(url, 'transitionModelVersion', input, 'transition { id }');
  }
}

/**
 * Asks a server that comes and goes until there is an answer.
 * @param url where it is now
 * @param input with an idempotency key, or the move would be refused when its answer was lost
 * @returns the transition's id
 */
export async function moveAtLast(url: () => string, input: { readonly idempotencyKey: string }): Promise<string> {
  for (;;) {
    try {
      return (await mutate<Moved>(url(), 'transitionModelVersion', input, 'transition { id }')).transition.id;
    } catch (error) {
      const isGone = error instanceof NoAnswer || (error instanceof ApiError && error.code === 'SHUTTING_DOWN');
      if (!isGone) throw error;
      await sleep(20);
    }
  }
}

interface Moved {
  readonly transition: { readonly id: string };
}

export async function succeeded(url: string, jobId: string): Promise<void> {
  const { status, error } = await endedJob(url, jobId);
  if (status !== 'SUCCEEDED') throw new Error(`The job ${status}: ${error?.message}`);
}
