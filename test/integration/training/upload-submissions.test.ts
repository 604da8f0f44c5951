import { graphql } from 'graphql';
import type { ModelVersion, Stage } from '../../../src/entities';
import { IdempotencyKeyReused, InvalidInput, NotFound } from '../../../src/errors';
import type { Context, Services } from '../../../src/schema/context';
import { buildApiSchema } from '../../../src/server/build-schema';
import { ArtifactKeeper, ArtifactTransferService } from '../../../src/services/artifacts';
import { encodeLinearClassifier } from '../../../src/services/onnx';
import { type UploadedModel, UploadSubmissionService } from '../../../src/services/training';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { subscriberCandidate } from '../../support/subscriber-model';
import { zipMapModel } from '../../unit/onnx/foreign-models';

const LINEAR = encodeLinearClassifier({ coefficients: Float32Array.of(1), intercept: 0 });

let operation: OperationFixture;
let keeper: ArtifactKeeper;
let transfer: ArtifactTransferService;
let uploads: UploadSubmissionService;

beforeAll(async () => {
  operation = await OperationFixture.open();
  const { dataSource, artifacts: store, models, versions, submissions, features } = operation;
  const { audit, datasets } = features;
  keeper = new ArtifactKeeper({ dataSource, store });
  transfer = new ArtifactTransferService({ dataSource, audit, store, keeper, signingSecret: 's'.repeat(32) });
  uploads = new UploadSubmissionService({ artifacts: keeper, transfer, datasets, models, versions, runs: submissions });
});
afterAll(() => operation.close());

const stored = async (bytes: Uint8Array | string, mediaType = 'application/json') =>
  keeper.put(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, mediaType);
const storedModel = (bytes: Uint8Array = LINEAR) => stored(bytes, 'application/onnx');

/** A model of one number, as its maker would offer it. */
async function anUpload(changes: Partial<UploadedModel> = {}): Promise<UploadedModel> {
  return {
    artifacts: { model: await storedModel(), preprocessing: null, evaluationReport: null, referenceProfile: null },
    signature: { inputs: [{ name: 'x', dtype: 'DOUBLE' }] },
    metrics: [{ name: 'auc', value: 0.8, split: 'held_out' }],
    params: [],
    evaluationRows: 1000,
    decisionThreshold: 0.5,
    datasetId: null,
    datasetFingerprint: null,
    environment: {},
    ...changes,
  };
}
const withFiles = async (changes: Partial<UploadedModel['artifacts']>) => {
  const upload = await anUpload();
  return { ...upload, artifacts: { ...upload.artifacts, ...changes } };
};

async function offer(model: string, uploaded: UploadedModel, key: string | null = null) {
  if (!(await operation.models.find(model))) await operation.createModel(model);
  return uploads.submit(model, uploaded, { codeCommit: 'abc123' }, ENGINEER, key);
}

async function promote(model: string, { version }: ModelVersion): Promise<void> {
  const move = (expectedStage: Stage, toStage: Stage) =>
    operation.stages.transition({ model, version, expectedStage, toStage }, ENGINEER);
  await move('NONE', 'STAGING');
  await move('STAGING', 'PRODUCTION');
}

describe('Registering an uploaded model', () => {
  it('makes it a version with all that its maker says, which predicts from given features', async () => {
    const metrics = [
      { name: 'auc', value: 0.8, split: 'held_out', step: 40 },
      { name: 'auc', value: 0.9, split: 'training', step: 40 },
    ];
    const signature: UploadedModel['signature'] = {
      inputs: [{ name: 'x', dtype: 'DOUBLE' }],
      outputs: [{ name: 'probabilities', datatype: 'float32', shape: [-1, 2] }],
      inputExample: { x: 0.5 },
    };
    const environment = { python: '3.12' };
    const report = await stored('{"curve": []}');
    const given = await anUpload({ metrics, signature, environment, params: [{ name: 'c', value: '1' }] });
    const uploaded = { ...given, artifacts: { ...given.artifacts, evaluationReport: report } };
    const { submission, modelVersion } = await offer('whole', { ...uploaded, datasetFingerprint: 'f1' });
    expect(submission).toMatchObject({ status: 'PASSED', metrics: { auc: 0.8 }, trainingRunId: null });
    expect(modelVersion).toMatchObject({
      version: 1,
      notServableReason: null,
      signature,
      environment,
      codeCommit: 'abc123',
      datasetFingerprint: 'f1',
      evaluationReportDigest: report.digest,
    });
    const rows = await operation.dataSource.query<unknown[]>(
      'SELECT name, split, value, step FROM model_version_metrics WHERE model_version_id = $1 ORDER BY split',
      [modelVersion?.id],
    );
    expect(rows).toEqual(
      [metrics[0], metrics[1]].map(({ name, split, value, step }) => ({ name, split, value, step })),
    );

    if (modelVersion) await promote('whole', modelVersion);
    const prediction = await operation.serving.predict({ model: 'whole', features: { x: 0 } }, ENGINEER);
    expect(prediction.probability).toBeCloseTo(0.5, 6);
  });

  it('takes numbers by the same gate: a rejection uses none', async () => {
    const rejected = await offer(
      'gated',
      await anUpload({ metrics: [{ name: 'auc', value: 0.5, split: 'held_out' }] }),
    );
    expect(rejected).toMatchObject({ modelVersion: null, submission: { status: 'REJECTED' } });
    const unmeasured = await offer('gated', await anUpload({ metrics: [], evaluationRows: 0 }));
    expect(unmeasured.submission.checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual([
      'evaluationRows',
      'auc',
    ]);
    expect((await offer('gated', await anUpload())).modelVersion?.version).toBe(1);
  });

  it('is compared with production on a dataset, and without one cannot be', async () => {
    await operation.features.defineSubscribers();
    await operation.ingestMonths(400, [1, 2, 3, 4]);
    const labels = { view: 'churn', field: 'churned' };
    const early = { ...labels, to: new Date(operation.features.month(3)) };
    const [first, later] = [await operation.buildDataset({ labels: early }), await operation.buildDataset()];
    const { modelBytes, preprocessing, signature } = subscriberCandidate();
    const uploaded = async (datasetId: string | null) => {
      const upload = await anUpload({ datasetId, signature });
      const model = await storedModel(modelBytes as Uint8Array);
      return {
        ...upload,
        artifacts: { ...upload.artifacts, model, preprocessing: await stored(preprocessing as Uint8Array) },
      };
    };
    const { modelVersion } = await offer('compared', await uploaded(first));
    if (modelVersion) await promote('compared', modelVersion);
    const second = await offer('compared', await uploaded(later));
    expect(second.submission.comparison).toMatchObject({ modelVersionId: modelVersion?.id, rowCount: 400 });
    expect(second.submission.status).toBe('PASSED');

    const third = await offer('compared', await uploaded(null));
    expect(third.submission).toMatchObject({ status: 'REJECTED', comparison: { rowCount: 0 } });
    const wrong = { ...(await uploaded(later)), datasetFingerprint: 'other' };
    await expect(offer('compared', wrong)).rejects.toThrow(/datasetFingerprint: the dataset has the fingerprint/);
    const unknown = await anUpload({ datasetId: later });
    await expect(offer('compared', unknown)).rejects.toThrow(/the dataset has no feature x/);
  });

  it('keeps another format, and says why it does not serve', async () => {
    const model = await stored('a pickle', 'application/x-pickle');
    const { modelVersion } = await offer('pickled', await withFiles({ model }));
    expect(modelVersion?.notServableReason).toBe('It is application/x-pickle; models are served as application/onnx.');
  });

  it('keeps models for other tasks, and says that they do not serve', async () => {
    await operation.models.create(
      { name: 'price', taskType: 'REGRESSION', qualityPolicy: { minimumEvaluationRows: 1, rules: [] } },
      ENGINEER,
    );
    const { modelVersion } = await offer('price', await anUpload());
    expect(modelVersion?.notServableReason).toBe('Models for REGRESSION are kept and not served.');
  });

  it('refuses a model that does not load, or has outputs that are no tensors', async () => {
    const broken = await storedModel(Buffer.from('no model'));
    await expect(offer('refused', await withFiles({ model: broken }))).rejects.toThrow(
      /artifacts.model: .*cannot load it/,
    );
    const zipMap = await storedModel(zipMapModel());
    await expect(offer('refused', await withFiles({ model: zipMap }))).rejects.toThrow(/zipmap=False/);
    expect((await operation.models.get('refused')).lastVersion).toBe(0);
  });

  it.each<[string, Partial<UploadedModel['signature']>, RegExp]>([
    [
      'more columns',
      {
        inputs: [
          { name: 'x', dtype: 'DOUBLE' },
          { name: 'y', dtype: 'DOUBLE' },
        ],
      },
      /make 2 columns, and the model takes 1/,
    ],
    ['a text', { inputs: [{ name: 'x', dtype: 'STRING' }] }, /x is a STRING, and the model takes numbers/],
    [
      'an output that is not there',
      { outputs: [{ name: 'y', datatype: 'float32', shape: [-1, 2] }] },
      /no output "y"; it has label, probabilities/,
    ],
    [
      'an output of another shape',
      { outputs: [{ name: 'probabilities', datatype: 'float32', shape: [-1, 3] }] },
      /declared as float32 \[-1, 3\], and the model gives/,
    ],
    [
      'an output of another type',
      { outputs: [{ name: 'probabilities', datatype: 'float64', shape: [-1, 2] }] },
      /declared as float64/,
    ],
  ])('refuses a signature that declares %s', async (_what, declared, message) => {
    const upload = await anUpload();
    const uploaded = { ...upload, signature: { ...upload.signature, ...declared } };
    await expect(offer('disagreeing', uploaded)).rejects.toThrow(message);
    await expect(offer('disagreeing', uploaded)).rejects.toThrow(InvalidInput);
  });

  it('refuses files that it could not read later, and bytes that are not there', async () => {
    const text = await stored('no json');
    for (const role of ['preprocessing', 'evaluationReport', 'referenceProfile'] as const)
      await expect(offer('files', await withFiles({ [role]: text }))).rejects.toThrow(
        new RegExp(`artifacts.${role}: `),
      );
    const absent = await withFiles({ model: { digest: '0'.repeat(64) } });
    await expect(offer('files', absent)).rejects.toThrow(NotFound);
  });

  it('answers the same request as before, and refuses its key for another', async () => {
    const uploaded = await anUpload();
    const [first, second] = [await offer('once', uploaded, 'key-1'), await offer('once', uploaded, 'key-1')];
    expect(second.modelVersion?.id).toBe(first.modelVersion?.id);
    await expect(offer('once', { ...uploaded, evaluationRows: 2000 }, 'key-1')).rejects.toThrow(IdempotencyKeyReused);
    expect((await operation.models.get('once')).lastVersion).toBe(1);
  });
});

describe('registerModelVersion', () => {
  const schema = buildApiSchema();
  const register = async (input: object) => {
    const { models, versions, submissions } = operation;
    const contextValue: Context = {
      actor: ENGINEER,
      requestId: 'r1',
      services: {
        models,
        versions,
        submissions,
        uploadSubmissions: uploads,
        artifacts: transfer,
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
    await operation.createModel('api');
    const { digest } = await storedModel();
    const signature = { inputs: [{ name: 'x', dtype: 'DOUBLE' }], inputExample: { x: 1 } };
    const metrics = [{ name: 'auc', value: 0.8 }];
    const input = { model: 'api', artifacts: { model: digest }, signature, metrics, evaluationRows: 500 };
    expect(await register(input)).toMatchObject({ modelVersion: { version: 1, servable: true }, userErrors: [] });
  });

  it('links the MLflow run that it came from', async () => {
    const artifacts = { model: (await storedModel()).digest };
    const signature = { inputs: [{ name: 'x', dtype: 'DOUBLE' }] };
    const experiment = { trackingUri: 'http://mlflow.example.org', experimentId: '1', runId: 'tracked' };
    const input = { model: 'api', artifacts, signature, metrics: [{ name: 'auc', value: 0.8 }], evaluationRows: 500 };
    expect(await register({ ...input, experiment })).toMatchObject({ modelVersion: { version: 2 } });
    const links = await operation.dataSource.query<unknown[]>('SELECT run_id FROM model_experiments');
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
