import { createHash, randomUUID } from 'node:crypto';
import { ModelVersion } from '../../src/entities';
import { NotFound } from '../../src/errors';
import type { ArtifactStore } from '../../src/services/artifacts';
import { encodeLinearClassifier } from '../../src/services/onnx';
import { type PreprocessingPipeline, serializePipeline } from '../../src/services/preprocessing';

/** Artifacts in memory. */
export class MemoryArtifacts implements ArtifactStore {
  private readonly bytes = new Map<string, Buffer>();

  async put(bytes: Uint8Array, mediaType: string) {
    const digest = createHash('sha256').update(bytes).digest('hex');
    this.bytes.set(digest, Buffer.from(bytes));
    return { digest, sizeBytes: bytes.byteLength, mediaType };
  }

  async get(digest: string): Promise<Buffer> {
    const bytes = this.bytes.get(digest);
    if (!bytes) throw new NotFound('artifact', digest);
    return bytes;
  }
}

/** What a model of one number is made of: P(yes) = 1 / (1 + exp(−slope·x)), a missing x counting as 0. */
function linearModel(slope: number): { onnx: Uint8Array; preprocessing: Uint8Array } {
  const pipeline: PreprocessingPipeline = {
    formatVersion: 1,
    features: [{ feature: 'x', kind: 'NUMERIC', steps: [{ step: 'IMPUTE_MEDIAN', median: 0 }] }],
  };
  const onnx = encodeLinearClassifier({ coefficients: Float32Array.of(slope), intercept: 0 });
  return { onnx, preprocessing: serializePipeline(pipeline) };
}

/** A version of such a model, with its artifacts in the store. */
export async function linearVersion(artifacts: ArtifactStore, slope = 1): Promise<ModelVersion> {
  const { onnx, preprocessing } = linearModel(slope);
  return Object.assign(new ModelVersion(), {
    id: randomUUID(),
    version: 1,
    signature: { inputs: [{ name: 'x', dtype: 'DOUBLE' }] },
    decisionThreshold: 0.5,
    notServableReason: null,
    modelDigest: (await artifacts.put(onnx, 'application/onnx')).digest,
    preprocessingDigest: (await artifacts.put(preprocessing, 'application/json')).digest,
  } as const);
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
