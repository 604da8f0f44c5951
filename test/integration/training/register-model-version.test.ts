import { graphql } from 'graphql';
import type { Context, Services } from '../../../src/schema/context';
import { buildApiSchema } from '../../../src/server/build-schema';
import { ENGINEER } from '../../support/features-fixture';
import { UploadFixture } from '../../support/upload-fixture';

let fixture: UploadFixture;
beforeAll(async () => {
  fixture = await UploadFixture.open();
});
afterAll(() => fixture.close());

describe('registerModelVersion', () => {
  const schema = buildApiSchema();
  const register = async (input: object) => {
    const { models, versions, submissions } = fixture.operation;
    const contextValue: Context = {
      actor: ENGINEER,
      requestId: 'r1',
      services: {
        models,
        versions,
        submissions,
        uploadSubmissions: fixture.uploads,
        artifacts: fixture.transfer,
      } as unknown as Services,
      loaders: new Map(),
      signal: new AbortController().signal,
    };
    const source = `mutation ($input: RegisterModelVersionInput!) {
      registerModelVersion(input: $input) { modelVersion { version servable } submission { status } userErrors { field message } }
    }`;
    const { data, errors } = await graphql({ schema, source, variableValues: { input }, contextValue });
    return { errors, ...(data?.registerModelVersion as { modelVersion: object; userErrors: object[] } | undefined) };
  };

  it('takes the digest of what was uploaded', async () => {
    await fixture.operation.createModel('api');
    const { digest } = await fixture.storedModel();
    const signature = { inputs: [{ name: 'x', dtype: 'DOUBLE' }], inputExample: { x: 1 } };
    const metrics = [{ name: 'auc', value: 0.8 }];
    const input = { model: 'api', artifacts: { model: digest }, signature, metrics, evaluationRows: 500 };
    expect(await register(input)).toMatchObject({ modelVersion: { version: 1, servable: true }, userErrors: [] });
  });

  it('links the MLflow run that it came from', async () => {
    const artifacts = { model: (await fixture.storedModel()).digest };
    const signature = { inputs: [{ name: 'x', dtype: 'DOUBLE' }] };
    const experiment = { trackingUri: 'http://mlflow.example.org', experimentId: '1', runId: 'tracked' };
    const input = { model: 'api', artifacts, signature, metrics: [{ name: 'auc', value: 0.8 }], evaluationRows: 500 };
    expect(await register({ ...input, experiment })).toMatchObject({ modelVersion: { version: 2 } });
    const links = await fixture.operation.dataSource.query<unknown[]>('SELECT run_id FROM model_experiments');
    expect(links).toEqual([{ run_id: 'tracked' }]);
  });

  it('takes either a run or artifacts, and what belongs to them', async () => {
    const both = { field: ['input', 'trainingRunId'] };
    expect(await register({ model: 'api' })).toMatchObject({ userErrors: [both] });
    const artifacts = { model: '0'.repeat(64) };
    expect(await register({ model: 'api', trainingRunId: 'x', artifacts })).toMatchObject({ userErrors: [both] });
    expect(await register({ model: 'api', artifacts })).toMatchObject({
      userErrors: [{ field: ['input', 'signature'] }],
    });
    expect(await register({ model: 'api', trainingRunId: 'x', metrics: [] })).toMatchObject({
      userErrors: [{ field: ['input', 'metrics'] }],
    });
  });

  it.each(['../../etc/passwd', '%00', '/etc/passwd'])('22: takes no path for an artifact: %s', async (model) => {
    const signature = { inputs: [{ name: 'x', dtype: 'DOUBLE' }] };
    expect(await register({ model: 'api', artifacts: { model }, signature })).toMatchObject({
      userErrors: [{ field: ['input', 'artifacts', 'model'] }],
    });
  });

  it('refuses NaN and infinities in metrics', async () => {
    const input = { model: 'api', artifacts: { model: '0'.repeat(64) }, metrics: [{ name: 'auc', value: Number.NaN }] };
    expect((await register(input)).errors?.[0]?.message).toMatch(/Float cannot represent/);
  });
});
