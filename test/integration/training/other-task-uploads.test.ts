import { TensorProto_DataType as DataType } from 'onnx-buf';
import type { TaskType } from '../../../src/entities';
import type { UploadedModel } from '../../../src/services/training';
import { ENGINEER } from '../../support/features-fixture';
import { UploadFixture } from '../../support/upload-fixture';
import { oneNodeModel, tensor, zipMapModel } from '../../unit/onnx/foreign-models';

let fixture: UploadFixture;
beforeAll(async () => {
  fixture = await UploadFixture.open();
});
afterAll(() => fixture.close());

describe('An uploaded model for another task', () => {
  const columns = (width: number) => tensor('features', DataType.FLOAT, ['N', width]);
  const regression = oneNodeModel('Identity', tensor('value', DataType.FLOAT, ['N', 1]), columns(1));
  const multiclass = oneNodeModel('Softmax', tensor('probabilities', DataType.FLOAT, ['N', 3]), columns(3));
  const inputs = ['x', 'y', 'z'].map((name) => ({ name, dtype: 'DOUBLE' as const }));

  async function aModelFor(taskType: TaskType, onnx: Uint8Array, changes: Partial<UploadedModel>) {
    const upload = await fixture.anUpload(changes);
    const name = taskType.toLowerCase();
    if (!(await fixture.operation.models.find(name)))
      await fixture.operation.models.create({ name, taskType }, ENGINEER);
    const artifacts = { ...upload.artifacts, model: await fixture.storedModel(onnx) };
    return fixture.offer(name, { ...upload, artifacts });
  }
  const declared = (name: string, value: number) => [{ name, value, split: 'held_out' }];

  it('is held against its signature, kept, and says that it does not serve', async () => {
    const signature = { inputs: inputs.slice(0, 1), inputExample: { x: 7 } };
    const price = await aModelFor('REGRESSION', regression, { signature, metrics: declared('r2', 0.7) });
    expect(price.modelVersion?.notServableReason).toBe('Models for REGRESSION are kept and not served.');
    const kinds = { signature: { inputs }, metrics: declared('accuracy', 0.7) };
    expect((await aModelFor('MULTICLASS_CLASSIFICATION', multiclass, kinds)).modelVersion?.version).toBe(1);

    await expect(aModelFor('REGRESSION', multiclass, { signature: { inputs } })).rejects.toThrow(
      /artifacts.model: the model answers 3 scores for a row; a regression answers one value/,
    );
    await expect(aModelFor('MULTICLASS_CLASSIFICATION', regression, { signature })).rejects.toThrow(
      /1 scores for a row; a multiclass classifier answers one for each class/,
    );
    await expect(aModelFor('REGRESSION', regression, { signature: { inputs } })).rejects.toThrow(
      /make 3 columns, and the model takes 1/,
    );
    await expect(aModelFor('REGRESSION', zipMapModel(), {})).rejects.toThrow(/zipmap=False/);
  });

  it('is judged by the metrics of its task, and with production by those declared of one dataset', async () => {
    const offered = (r2: number, datasetFingerprint: string | null) =>
      aModelFor('REGRESSION', regression, { metrics: declared('r2', r2), datasetFingerprint });
    expect((await offered(-0.1, null)).submission.checks.at(-1)).toMatchObject({ name: 'r2', passed: false });
    const { modelVersion } = await offered(0.7, 'rows of May');
    if (modelVersion) await fixture.promote('regression', modelVersion);

    const better = await offered(0.69, 'rows of May');
    expect(better.submission).toMatchObject({
      status: 'PASSED',
      comparison: {
        modelVersionId: modelVersion?.id,
        declared: true,
        rowCount: 1000,
        production: { r2: 0.7 },
        candidate: { r2: 0.69 },
      },
    });
    const worse = await offered(0.68, 'rows of May');
    expect(worse.submission.checks.filter(({ passed }) => !passed)).toMatchObject([
      { name: 'r2', actual: 0.68, baseline: 0.7 },
    ]);
    for (const other of ['rows of June', null])
      expect((await offered(0.9, other)).submission.checks.at(-1)).toMatchObject({
        passed: false,
        message: expect.stringMatching(/not measured.*datasetFingerprint/),
      });
  });
});
