import type { ModelSignature } from '../../entities';
import { InvalidInput } from '../../errors';
import type { ArtifactStore } from '../artifacts';
import type { DatasetFile, DatasetService } from '../features';
import type { Candidate, VersionService } from '../registry';
import type { ScoredModel } from './training-task';
import { runTrainingThread } from './training-thread';

interface Dependencies {
  readonly artifacts: ArtifactStore;
  readonly datasets: DatasetService;
  readonly versions: VersionService;
}

/** What models answer to the held-out rows of a dataset: rows that no training shall have seen. */
export class HeldOutService {
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: Dependencies) {}

  /**
   * Judges a candidate and production on the dataset's held-out rows.
   * @param dataset null, like a candidate of null: there is nothing to compare by
   * @returns null when nothing is in production
   */
  async compareWithProduction(
    modelId: string,
    dataset: DatasetFile | null,
    candidate: ScoredModel | null,
  ): Promise<Candidate['baseline']> {
    const { versions, datasets, artifacts } = this.deps;
    const production = await versions.production(modelId);
    if (!production) return null;
    const { id: modelVersionId, datasetId, preprocessingDigest, notServableReason } = production;
    // A model from elsewhere can neither be run here, nor be told apart from the rows that it has seen.
    if (!dataset || !candidate || datasetId === null || preprocessingDigest === null || notServableReason !== null)
      return { modelVersionId, rowCount: 0, production: {}, candidate: {} };
    const task = {
      kind: 'COMPARE',
      dataset,
      productionDataset: await datasets.describe(datasetId),
      production: {
        onnx: await artifacts.get(production.modelDigest),
        preprocessing: await artifacts.get(preprocessingDigest),
        decisionThreshold: production.decisionThreshold,
      },
      candidate,
    } as const;
    return { modelVersionId, ...(await this.inTurn(() => runTrainingThread(task))) };
  }

  /**
   * The reference profile of a model that was made elsewhere: of the features that it takes, and of its answers.
   * @throws InvalidInput when it answers one of them with what is no probability
   */
  async referenceProfile(
    dataset: DatasetFile,
    { inputs }: ModelSignature,
    { onnx, preprocessing }: ScoredModel,
  ): Promise<Uint8Array> {
    const features = inputs.map(({ name }) => name);
    const task = { kind: 'PROFILE', dataset, model: { onnx, preprocessing }, features } as const;
    try {
      return (await this.inTurn(() => runTrainingThread(task))).referenceProfile;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      throw new InvalidInput(
        ['input', 'artifacts', 'model'],
        `its answers to the held-out rows of the dataset make no reference profile: ${error.message} Export it so that it answers probabilities`,
      );
    }
  }

  /** One at a time: each holds one or two datasets in memory and keeps a processor busy. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(work, work);
    this.lastTurn = turn;
    return turn;
  }
}
