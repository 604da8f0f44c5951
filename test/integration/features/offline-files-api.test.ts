import 'reflect-metadata';
import { createHash } from 'node:crypto';
import type { Services } from '../../../src/schema/context';
import { fromGlobalId } from '../../../src/schema/global-id';
import { executeOperation } from '../../support/execute-operation';
import { ADMIN, ENGINEER, FeaturesFixture } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeAll(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
  await features.ingestSubscribers(8, [1, 2]);
});
afterAll(() => features.close());

function ask<Data>(source: string, variableValues: Record<string, unknown>, actor = ADMIN): Promise<Data> {
  const { jobs, entities, views: featureViews, datasets, compaction, erasures } = features;
  const services: Partial<Services> = { jobs, entities, featureViews, datasets, compaction, erasures };
  return executeOperation(services, actor, source, variableValues);
}

interface Started {
  readonly result: { readonly job: { readonly id: string } | null; readonly userErrors: unknown[] };
}
const compact = (input: object) =>
  ask<Started>(
    'mutation ($input: CompactFeaturesInput!) { result: compactFeatures(input: $input) { job { id } userErrors { code field } } }',
    { input },
    ENGINEER,
  );
const erase = (input: object, actor = ADMIN) =>
  ask<Started>(
    'mutation ($input: EraseEntityInput!) { result: eraseEntity(input: $input) { job { id } userErrors { code field } } }',
    { input },
    actor,
  );

/** The job once it has succeeded, with these fields. */
async function succeeded({ result }: Started, selection: string): Promise<Record<string, unknown>> {
  const id = result.job?.id ?? '';
  expect(await features.finished({ id: fromGlobalId(id, 'Job') })).toMatchObject({ status: 'SUCCEEDED' });
  const query = `query ($id: ID!) { job(id: $id) { __typename ${selection} } }`;
  return (await ask<{ job: Record<string, unknown> }>(query, { id })).job;
}

test('a compaction says which views it is about', async () => {
  const job = await succeeded(
    await compact({ views: ['churn', 'usage'] }),
    '... on FeatureCompactionJob { views { name } }',
  );
  expect(job).toEqual({ __typename: 'FeatureCompactionJob', views: [{ name: 'churn' }, { name: 'usage' }] });
  expect((await compact({ views: ['nope'] })).result.userErrors).toEqual([
    { code: 'NOT_FOUND', field: ['input', 'views', '0'] },
  ]);
});

test('an erasure says what it removed, and what it found and left', async () => {
  const dataset = await features.buildDataset();
  const input = { entity: 'subscriber', key: { subscriber_id: 's0' }, idempotencyKey: 'once' };
  await expect(erase(input, ENGINEER)).rejects.toThrow(/ADMIN/);
  expect((await erase({ ...input, key: { subscriber: 's0' } })).result.userErrors).toEqual([
    { code: 'INVALID_INPUT', field: ['input', 'key', 'subscriber_id'] },
  ]);
  const started = await erase(input);
  expect(await erase(input)).toEqual(started);
  const job = await succeeded(
    started,
    `... on EntityErasureJob {
       entity { name } keyDigest erasedRowCount erasedOnlineCount predictionCount datasets { name fingerprint }
     }`,
  );
  expect(job).toEqual({
    __typename: 'EntityErasureJob',
    entity: { name: 'subscriber' },
    keyDigest: createHash('sha256')
      .update(JSON.stringify(['subscriber', '["s0"]']))
      .digest('hex'),
    erasedRowCount: 4,
    erasedOnlineCount: 0,
    predictionCount: 0,
    datasets: [{ name: 'churn', fingerprint: dataset.fingerprint }],
  });
});
