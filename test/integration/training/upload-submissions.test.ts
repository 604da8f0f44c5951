import { TensorProto_DataType as DataType } from 'onnx-buf';
import { IdempotencyKeyReused, InvalidInput, NotFound } from '../../../src/errors';
import { ksTwoSample } from '../../../src/services/statistics';
import { parseReferenceProfile, type UploadedModel } from '../../../src/services/training';
import { ENGINEER } from '../../support/features-fixture';
import { subscriberCandidate } from '../../support/subscriber-model';
import { UploadFixture } from '../../support/upload-fixture';
import { oneNodeModel, tensor, zipMapModel } from '../../unit/onnx/foreign-models';

let fixture: UploadFixture;
beforeAll(async () => {
  fixture = await UploadFixture.open();
});
afterAll(() => fixture.close());

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
    const report = await fixture.stored('{"curve": []}');
    const given = await fixture.anUpload({ metrics, signature, environment, params: [{ name: 'c', value: '1' }] });
    const uploaded = { ...given, artifacts: { ...given.artifacts, evaluationReport: report } };
    const { submission, modelVersion } = await fixture.offer('whole', { ...uploaded, datasetFingerprint: 'f1' });
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
    const rows = await fixture.operation.dataSource.query<unknown[]>(
      'SELECT name, split, value, step FROM model_version_metrics WHERE model_version_id = $1 ORDER BY split',
      [modelVersion?.id],
    );
    expect(rows).toEqual(
      [metrics[0], metrics[1]].map(({ name, split, value, step }) => ({ name, split, value, step })),
    );

    if (modelVersion) await fixture.promote('whole', modelVersion);
    const prediction = await fixture.operation.serving.predict({ model: 'whole', features: { x: 0 } }, ENGINEER);
    expect(prediction.probability).toBeCloseTo(0.5, 6);
  });

  it('takes numbers by the same gate: a rejection uses none', async () => {
    const rejected = await fixture.offer(
      'gated',
      await fixture.anUpload({ metrics: [{ name: 'auc', value: 0.5, split: 'held_out' }] }),
    );
    expect(rejected).toMatchObject({ modelVersion: null, submission: { status: 'REJECTED' } });
    const unmeasured = await fixture.offer('gated', await fixture.anUpload({ metrics: [], evaluationRows: 0 }));
    expect(unmeasured.submission.checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual([
      'evaluationRows',
      'auc',
    ]);
    expect((await fixture.offer('gated', await fixture.anUpload())).modelVersion?.version).toBe(1);
  });

  it('is compared with production on a dataset, and without one cannot be', async () => {
    await fixture.operation.features.defineSubscribers();
    await fixture.operation.ingestMonths(400, [1, 2, 3, 4]);
    const labels = { view: 'churn', field: 'churned' };
    const early = { ...labels, to: new Date(fixture.operation.features.month(3)) };
    const [first, later] = [
      await fixture.operation.buildDataset({ labels: early }),
      await fixture.operation.buildDataset(),
    ];
    const { modelBytes, preprocessing, signature } = subscriberCandidate();
    const uploaded = async (datasetId: string | null) => {
      const upload = await fixture.anUpload({ datasetId, signature });
      const model = await fixture.storedModel(modelBytes as Uint8Array);
      return {
        ...upload,
        artifacts: { ...upload.artifacts, model, preprocessing: await fixture.stored(preprocessing as Uint8Array) },
      };
    };
    const { modelVersion } = await fixture.offer('compared', await uploaded(first));
    if (modelVersion) await fixture.promote('compared', modelVersion);
    const second = await fixture.offer('compared', await uploaded(later));
    expect(second.submission.comparison).toMatchObject({ modelVersionId: modelVersion?.id, rowCount: 400 });
    expect(second.submission.status).toBe('PASSED');

    const third = await fixture.offer('compared', await uploaded(null));
    expect(third.submission).toMatchObject({ status: 'REJECTED', comparison: { rowCount: 0 } });
    const wrong = { ...(await uploaded(later)), datasetFingerprint: 'other' };
    await expect(fixture.offer('compared', wrong)).rejects.toThrow(
      /datasetFingerprint: the dataset has the fingerprint/,
    );
    const unknown = await fixture.anUpload({ datasetId: later });
    await expect(fixture.offer('compared', unknown)).rejects.toThrow(/the dataset has no feature x/);
  });

  it('gets its reference profile from the held-out rows of its dataset, and the one that its maker gives where he does', async () => {
    const { operation } = fixture;
    const datasetId = await operation.buildDataset();
    await operation.createModel('trained-here');
    const { result } = await operation.train('trained-here', datasetId);
    const bytes = (digest = '') => operation.artifacts.get(digest);
    const profileOf = async (digest: string | null = null) => parseReferenceProfile(await bytes(digest ?? ''));
    const upload = await fixture.anUpload({ datasetId, signature: subscriberCandidate().signature });
    const artifacts = {
      ...upload.artifacts,
      model: await fixture.storedModel(await bytes(result?.modelDigest)),
      preprocessing: await fixture.stored(await bytes(result?.preprocessingDigest)),
    };
    const { modelVersion } = await fixture.offer('profiled', { ...upload, artifacts });
    const here = await profileOf(result?.referenceProfileDigest);
    const made = await profileOf(modelVersion?.referenceProfileDigest);
    expect(made.rowCount).toBe(result?.heldOutRowCount);
    expect(made.features).toEqual(here.features);
    // The trained model's own answers are in doubles, those of ONNX in floats.
    expect(made.concept.calibration.slope).toBeCloseTo(here.concept.calibration.slope, 4);
    expect(made.concept.pit).toHaveLength(made.rowCount);
    expect(
      ksTwoSample(Float64Array.from(made.concept.pit), Float64Array.from(here.concept.pit)).statistic,
    ).toBeLessThan(0.01);

    if (modelVersion) await fixture.promote('profiled', modelVersion);
    const { from, to } = await operation.predictWindow('profiled', 1000, { minutes: 60 });
    const { driftReport, job } = await operation.driftReports.run({ model: 'profiled', from, to }, ENGINEER);
    await operation.features.finished(job);
    const [{ verdict, result: drift }] = await operation.driftReports.find([driftReport.id]);
    expect([verdict, drift?.features.map(({ feature, verdict }) => [feature, verdict])]).toEqual([
      'DRIFT',
      [
        ['minutes', 'DRIFT'],
        ['plan', 'NO_DRIFT'],
        ['calls', 'NO_DRIFT'],
      ],
    ]);

    const given = await fixture.stored(subscriberCandidate().referenceProfile as Uint8Array);
    const other = await fixture.offer('profiled', { ...upload, artifacts: { ...artifacts, referenceProfile: given } });
    expect(other.modelVersion?.referenceProfileDigest).toBe(given.digest);
  });

  it('is refused where it answers a held-out row with what is no probability', async () => {
    const datasetId = await fixture.operation.buildDataset();
    const inputs: UploadedModel['signature']['inputs'] = [
      { name: 'minutes', dtype: 'DOUBLE' },
      { name: 'calls', dtype: 'INT64' },
    ];
    // Answers the number of calls.
    const echo = oneNodeModel('Identity', tensor('probabilities', DataType.FLOAT, ['N', 2]));
    const upload = await fixture.anUpload({ datasetId, signature: { inputs } });
    const artifacts = { ...upload.artifacts, model: await fixture.storedModel(echo) };
    await expect(fixture.offer('echo', { ...upload, artifacts })).rejects.toMatchObject({
      field: ['input', 'artifacts', 'model'],
      message: expect.stringMatching(
        /its answers to the held-out rows of the dataset make no reference profile: .* is not a probability .* Export it so that it answers probabilities/,
      ),
    });
    expect((await fixture.operation.models.get('echo')).lastVersion).toBe(0);
  });

  it('without a dataset or a profile of its maker has none, and one of another model is refused', async () => {
    const { modelVersion } = await fixture.offer('unprofiled', await fixture.anUpload());
    expect(modelVersion?.referenceProfileDigest).toBeNull();
    const referenceProfile = await fixture.stored(subscriberCandidate().referenceProfile as Uint8Array);
    await expect(fixture.offer('unprofiled', await fixture.withFiles({ referenceProfile }))).rejects.toThrow(
      /artifacts.referenceProfile: features\[0\].name: is minutes, which the signature does not have/,
    );
  });

  it('keeps another format, and says why it does not serve', async () => {
    const model = await fixture.stored('a pickle', 'application/x-pickle');
    const { modelVersion } = await fixture.offer('pickled', await fixture.withFiles({ model }));
    expect(modelVersion?.notServableReason).toBe('It is application/x-pickle; models are served as application/onnx.');
  });

  it('refuses a model that does not load, or has outputs that are no tensors', async () => {
    const broken = await fixture.storedModel(Buffer.from('no model'));
    await expect(fixture.offer('refused', await fixture.withFiles({ model: broken }))).rejects.toThrow(
      /artifacts.model: .*cannot load it/,
    );
    const zipMap = await fixture.storedModel(zipMapModel());
    await expect(fixture.offer('refused', await fixture.withFiles({ model: zipMap }))).rejects.toThrow(/zipmap=False/);
    expect((await fixture.operation.models.get('refused')).lastVersion).toBe(0);
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
    const upload = await fixture.anUpload();
    const uploaded = { ...upload, signature: { ...upload.signature, ...declared } };
    await expect(fixture.offer('disagreeing', uploaded)).rejects.toThrow(message);
    await expect(fixture.offer('disagreeing', uploaded)).rejects.toThrow(InvalidInput);
  });

  it('refuses files that it could not read later, and bytes that are not there', async () => {
    const text = await fixture.stored('no json');
    for (const role of ['preprocessing', 'evaluationReport', 'referenceProfile'] as const)
      await expect(fixture.offer('files', await fixture.withFiles({ [role]: text }))).rejects.toThrow(
        new RegExp(`artifacts.${role}: `),
      );
    const absent = await fixture.withFiles({ model: { digest: '0'.repeat(64) } });
    await expect(fixture.offer('files', absent)).rejects.toThrow(NotFound);
  });

  it('answers the same request as before, and refuses its key for another', async () => {
    const uploaded = await fixture.anUpload();
    const [first, second] = [
      await fixture.offer('once', uploaded, 'key-1'),
      await fixture.offer('once', uploaded, 'key-1'),
    ];
    expect(second.modelVersion?.id).toBe(first.modelVersion?.id);
    await expect(fixture.offer('once', { ...uploaded, evaluationRows: 2000 }, 'key-1')).rejects.toThrow(
      IdempotencyKeyReused,
    );
    expect((await fixture.operation.models.get('once')).lastVersion).toBe(1);
  });
});
