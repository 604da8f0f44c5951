import { type ModelVersion, type Stage } from '../../src/entities';
import { ArtifactKeeper, ArtifactTransferService } from '../../src/services/artifacts';
import { encodeLinearClassifier } from '../../src/services/onnx';
import { type UploadedModel, UploadSubmissionService } from '../../src/services/training';
import { ENGINEER } from './features-fixture';
import { OperationFixture } from './operation-fixture';

const LINEAR = encodeLinearClassifier({ coefficients: Float32Array.of(1), intercept: 0 });

/** Models that are uploaded and offered to the gate. */
export class UploadFixture {
  private constructor(
    readonly operation: OperationFixture,
    readonly keeper: ArtifactKeeper,
    readonly transfer: ArtifactTransferService,
    readonly uploads: UploadSubmissionService,
  ) {}

  static async open(): Promise<UploadFixture> {
    const operation = await OperationFixture.open();
    const { dataSource, artifacts: store, models, versions, heldOut, features } = operation;
    const { audit, datasets } = features;
    const keeper = new ArtifactKeeper({ dataSource, store });
    const settings = { signingSecret: 's'.repeat(32), maxBytes: 1e6 };
    const transfer = new ArtifactTransferService({ dataSource, audit, store, keeper, ...settings });
    const uploads = new UploadSubmissionService({
      artifacts: keeper,
      transfer,
      datasets,
      models,
      versions,
      heldOut,
    });
    return new UploadFixture(operation, keeper, transfer, uploads);
  }

  close(): Promise<void> {
    return this.operation.close();
  }

  stored(bytes: Uint8Array | string, mediaType = 'application/json') {
    return this.keeper.put(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, mediaType);
  }

  storedModel(bytes: Uint8Array = LINEAR) {
    return this.stored(bytes, 'application/onnx');
  }

  /** A model of one number, as its maker would offer it. */
  async anUpload(changes: Partial<UploadedModel> = {}): Promise<UploadedModel> {
    return {
      artifacts: {
        model: await this.storedModel(),
        preprocessing: null,
        evaluationReport: null,
        referenceProfile: null,
      },
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

  async withFiles(changes: Partial<UploadedModel['artifacts']>): Promise<UploadedModel> {
    const upload = await this.anUpload();
    return { ...upload, artifacts: { ...upload.artifacts, ...changes } };
  }

  async offer(model: string, uploaded: UploadedModel, key: string | null = null) {
    if (!(await this.operation.models.find(model))) await this.operation.createModel(model);
    return this.uploads.submit(model, uploaded, { codeCommit: 'abc123' }, ENGINEER, key);
  }

  async promote(model: string, { version }: ModelVersion): Promise<void> {
    const move = (expectedStage: Stage, toStage: Stage) =>
      this.operation.stages.transition({ model, version, expectedStage, toStage }, ENGINEER);
    await move('NONE', 'STAGING');
    await move('STAGING', 'PRODUCTION');
  }
}
