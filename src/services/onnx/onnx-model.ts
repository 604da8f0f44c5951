import './without-telemetry';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { InvalidInput } from '../../errors';
import { servableSignature, type ServableSignature, type TensorSignature } from './servable-signature.policy';

/** One thread: small models are fastest so (two threads made 1,000 rows 1.5–2 times slower). Errors are thrown; the log would print them again. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
};

/** A run blocks the event loop: 512 rows for 1.2 ms with 100 trees of 15 leaves, for 5 ms with 500. Longer runs are no faster by the row. */
const ROWS_PER_RUN = 512;

/** An ONNX model loaded for scoring. It owns native memory: release it. */
export class OnnxModel {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  private scoresPerRow = 0;
  private runningCalls = 0;
  private released: Promise<void> | null = null;
  private onIdle: (() => void) | null = null;

  private constructor(
    private readonly session: InferenceSession,
    private readonly signature: ServableSignature,
  ) {
    this.inputs = session.inputMetadata.map(tensorSignature);
    this.outputs = session.outputMetadata.map(tensorSignature);
  }

  /**
   * Loads a model and scores one row with it, so that what loads also runs.
   * @throws InvalidInput with a sentence that says why the model cannot be served
   */
  static async load(bytes: Uint8Array): Promise<OnnxModel> {
    const model = await OnnxModel.open(bytes);
    if (typeof model === 'string') throw new InvalidInput('model', model);
    return model;
  }

  /** One sentence that says why these bytes cannot be served and what would help, or null when they can. */
  static async whyNotServable(bytes: Uint8Array): Promise<string | null> {
    const model = await OnnxModel.open(bytes);
    if (typeof model === 'string') return model;
    await model.release();
    return null;
  }

  private static async open(bytes: Uint8Array): Promise<OnnxModel | string> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(bytes, SESSION_OPTIONS);
    } catch (error) {
      return `ONNX Runtime cannot load it: ${messageOf(error)}`;
    }
    const signature = servableSignature(
      session.inputMetadata.map(tensorSignature),
      session.outputMetadata.map(tensorSignature),
    );
    if (typeof signature === 'string') {
      await session.release();
      return signature;
    }
    const model = new OnnxModel(session, signature);
    try {
      model.scoresPerRow = (await model.run(new Float32Array(signature.width), 1)).length;
      return model;
    } catch (error) {
      await session.release();
      return `It loads, but fails on a row of zeros: ${messageOf(error)}`;
    }
  }

  /** Feature columns of the input. */
  get width(): number {
    return this.signature.width;
  }

  /**
   * Scores rows, at most 512 in a run and with a turn of the event loop between runs.
   * @param features row-major [rows, width]
   * @returns row-major [rows, scores per row]: probabilities by class, or one value
   * @throws InvalidInput when the array is not of that shape
   */
  async predictScores(features: Float32Array, rows: number): Promise<Float32Array> {
    if (this.released) throw new Error('This model was released; load it again.');
    if (!Number.isInteger(rows) || rows < 0 || features.length !== rows * this.width) {
      const expected = `${rows} rows × ${this.width} columns = ${rows * this.width} values`;
      throw new InvalidInput('features', `the model takes ${expected}, got ${features.length}.`);
    }
    if (rows === 0) return new Float32Array(0);
    this.runningCalls++;
    try {
      if (rows <= ROWS_PER_RUN) return await this.run(features, rows);
      const scores = new Float32Array(rows * this.scoresPerRow);
      for (let start = 0; start < rows; start += ROWS_PER_RUN) {
        const end = Math.min(start + ROWS_PER_RUN, rows);
        const chunk = await this.run(features.subarray(start * this.width, end * this.width), end - start);
        scores.set(chunk, start * this.scoresPerRow);
      }
      return scores;
    } finally {
      this.runningCalls--;
      if (this.runningCalls === 0) this.onIdle?.();
    }
  }

  /**
   * Probability of the positive class for each row, from an output [N, 2] (second column) or [N] or [N, 1].
   * @throws InvalidInput when the shape is wrong or the model scores more than two classes
   */
  async predictProbabilities(features: Float32Array, rows: number): Promise<Float32Array> {
    if (this.scoresPerRow > 2) {
      throw new InvalidInput('model', `It scores ${this.scoresPerRow} classes; a binary classifier scores one or two.`);
    }
    const scores = await this.predictScores(features, rows);
    if (this.scoresPerRow === 1) return scores;
    return Float32Array.from({ length: rows }, (_, row) => scores[2 * row + 1]);
  }

  /** Frees the native memory once the calls in progress have ended. Later calls throw; releasing again does nothing. */
  release(): Promise<void> {
    this.released ??= this.whenIdle().then(() => this.session.release());
    return this.released;
  }

  private async whenIdle(): Promise<void> {
    if (this.runningCalls > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
  }

  /** Only the score output is fetched: the label output is wrong where all leaf weights of a tree ensemble are positive. */
  private async run(features: Float32Array, rows: number): Promise<Float32Array> {
    const { input, output, width } = this.signature;
    const results = await this.session.run({ [input]: new Tensor('float32', features, [rows, width]) }, [output]);
    const scores = results[output].data;
    if (!(scores instanceof Float32Array) || (this.scoresPerRow > 0 && scores.length !== rows * this.scoresPerRow)) {
      throw new Error(`Output ${output} does not hold the same number of float32 scores for every row.`);
    }
    return scores;
  }
}

function tensorSignature(metadata: InferenceSession.ValueMetadata): TensorSignature {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, shape: metadata.shape }
    : { name: metadata.name, type: null, shape: [] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
