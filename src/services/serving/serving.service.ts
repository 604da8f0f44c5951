import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { FeatureStatus, FeatureValue, Model, ModelVersion } from '../../entities';
import { Prediction } from '../../entities';
import { DomainError, InvalidInput, NotFound, NotServable, Overloaded } from '../../errors';
import { checkRequestInputCount, type OnlineFeatureRow, type OnlineFeatures } from '../features';
import { type Actor, authorize } from '../identity';
import { newPredictionId, type PredictionLog } from '../predictions';
import type { VersionService } from '../registry';
import { readGivenFeatures } from './given-features.policy';
import { type BatchResult, PredictionAttempt } from './prediction-attempt';
import { type PredictionObserver, servedBy, variantOf } from './prediction-observer';
import type { Scorer } from './scorer';
import type { ScorerCache } from './scorer-cache';
import { TurnBatch } from './turn-batch';
import { type VersionChoice, VersionChoices } from './version-choices';

type Row = Readonly<Record<string, FeatureValue>>;

export interface PredictInput extends VersionChoice {
  /** Join keys: features come from the online store. */
  readonly entity?: Row | null;
  /** The features themselves. */
  readonly features?: Row | null;
  /** What the feature service computes features from and only a request knows; with `entity`. */
  readonly requestInputs?: Row | null;
}

export interface PredictBatchInput extends VersionChoice {
  readonly entities?: readonly Row[] | null;
  readonly rows?: readonly Row[] | null;
  /** One for each of the entities. */
  readonly requestInputs?: readonly Row[] | null;
}

interface Dependencies {
  readonly versions: VersionService;
  readonly online: OnlineFeatures;
  readonly log: PredictionLog;
  readonly scorers: ScorerCache;
  readonly observer: PredictionObserver;
}

/** What a row is scored by: its values, and the status of those that are not PRESENT. */
interface ServedFeatures {
  readonly entity: Row | null;
  readonly values: Record<string, FeatureValue>;
  readonly statuses: Record<string, FeatureStatus>;
}

/** Reads entities from the online store, those of all requests that came together by one statement. */
type EntityReads = TurnBatch<
  { readonly entity: Row; readonly requestInputs: Row | null; readonly path: readonly string[] },
  OnlineFeatureRow | InvalidInput
>;

const MAX_BATCH = 1000;
/** Rows that are looked up, scored or logged at once. Beyond it answers only come later and later: 20,000 rows are about a second of work. */
const MAX_ROWS_IN_PROGRESS = 20_000;
const RETRY_AFTER_MS = 250;

/** Answers predictions, each with its version, the features as served, and an id by which the outcome comes back. */
export class ServingService {
  /** By feature service version. */
  private readonly reads = new Map<string, EntityReads>();
  private readonly choices: VersionChoices;
  private rowsInProgress = 0;

  constructor(private readonly deps: Dependencies) {
    this.choices = new VersionChoices(deps.versions);
  }

  /** @throws InvalidInput, NotFound, NotServable, Overloaded */
  async predict(input: PredictInput, actor: Actor): Promise<Prediction> {
    const { entity, features } = input;
    const requestInputs = input.requestInputs && [input.requestInputs];
    const attempt = this.attempt(input, 1);
    const [result] = await attempt.answer(async () => {
      if ((entity == null) === (features == null))
        throw new InvalidInput('input.entity', 'give exactly one of entity and features');
      const batch = entity == null ? { rows: [features ?? {}] } : { entities: [entity] };
      const path = entity == null ? ['input', 'features'] : ['input', 'entity'];
      return this.serve({ ...input, ...batch, requestInputs }, () => path, actor, attempt);
    });
    if (result.error) throw result.error;
    return result.prediction;
  }

  /** Results in the order of the rows. @throws InvalidInput, NotFound, NotServable, Overloaded */
  async predictBatch(input: PredictBatchInput, actor: Actor): Promise<BatchResult[]> {
    const { entities, rows } = input;
    const count = (entities ?? rows ?? []).length;
    const attempt = this.attempt(input, count);
    return attempt.answer(async () => {
      if ((entities == null) === (rows == null))
        throw new InvalidInput('input.entities', 'give exactly one of entities and rows');
      const name = entities == null ? 'rows' : 'entities';
      if (count < 1 || count > MAX_BATCH)
        throw new InvalidInput(`input.${name}`, `${count} rows in one request; send 1 to ${MAX_BATCH}`);
      return this.serve(input, (index) => ['input', name, String(index)], actor, attempt);
    });
  }

  /** Whether the version is in memory. */
  isLoaded(versionId: string): boolean {
    return this.deps.scorers.has(versionId);
  }

  /** What is under way in this process. */
  get load(): { readonly rowsInProgress: number; readonly rowsWaitingForLog: number } {
    return { rowsInProgress: this.rowsInProgress, rowsWaitingForLog: this.deps.log.waitingRows };
  }

  private attempt(input: VersionChoice, rowCount: number): PredictionAttempt {
    return new PredictionAttempt(this.deps.observer, input.model, rowCount, () => this.choices.last(input));
  }

  private async serve(
    input: PredictBatchInput,
    path: (index: number) => readonly string[],
    actor: Actor,
    attempt: PredictionAttempt,
  ): Promise<BatchResult[]> {
    authorize(actor, 'prediction.make');
    const { entities, requestInputs } = input;
    if (requestInputs != null && entities == null)
      throw new InvalidInput('input.requestInputs', 'go with entities; beside given features, give what is computed');
    checkRequestInputCount(entities ?? [], requestInputs, ['input', 'requestInputs']);
    const rowCount = (input.entities ?? input.rows ?? []).length;
    if (this.rowsInProgress + rowCount > MAX_ROWS_IN_PROGRESS) throw new Overloaded(RETRY_AFTER_MS);
    this.rowsInProgress += rowCount;
    try {
      return await this.answer(input, path, actor, attempt);
    } finally {
      this.rowsInProgress -= rowCount;
    }
  }

  private async answer(
    input: PredictBatchInput,
    path: (index: number) => readonly string[],
    actor: Actor,
    attempt: PredictionAttempt,
  ): Promise<BatchResult[]> {
    const startedAt = performance.now();
    const { scorers, log, observer } = this.deps;
    const { model, modelVersion } = await this.choices.choose(input);
    const by = servedBy(model, modelVersion);
    attempt.versionFound(by);
    const served =
      input.entities == null
        ? givenFeatures(modelVersion, input.rows ?? [], path)
        : await this.readFeatures(model, modelVersion, { ...input, entities: input.entities }, path);

    const results = await scorers.use(model, modelVersion, (scorer) =>
      Promise.all(
        served.map(async (features): Promise<BatchResult> => {
          if (features instanceof DomainError) return { prediction: null, error: features };
          return { prediction: await predictionOf(scorer, modelVersion, features, actor), error: null };
        }),
      ),
    );
    const predictions = results.flatMap(({ prediction }) => prediction ?? []);
    const latencyMs = performance.now() - startedAt;
    for (const prediction of predictions) prediction.latencyMs = latencyMs;
    await log.append(predictions);
    observer.predicted(by, (performance.now() - startedAt) / 1000, predictions.length);
    return results;
  }

  private async readFeatures(
    model: Model,
    version: ModelVersion,
    { entities, requestInputs }: Pick<PredictBatchInput, 'requestInputs'> & { readonly entities: readonly Row[] },
    path: (index: number) => readonly string[],
  ): Promise<(ServedFeatures | DomainError)[]> {
    if (version.featureServiceVersionId === null) {
      throw new NotServable(
        `${model.name} ${version.version}`,
        'it has no feature service, so the features must be given',
      );
    }
    const reads = this.readsOf(version.featureServiceVersionId);
    const rows = await Promise.all(
      entities.map((entity, index) =>
        reads.add({ entity, requestInputs: requestInputs?.[index] ?? null, path: path(index) }),
      ),
    );
    return rows.map((row, index) => (row instanceof DomainError ? row : servedFeatures(row, path(index))));
  }

  private readsOf(serviceVersionId: string): EntityReads {
    const known = this.reads.get(serviceVersionId);
    if (known) return known;
    const reads: EntityReads = new TurnBatch(
      (asked) =>
        this.deps.online.read(
          serviceVersionId,
          asked.map(({ entity }) => entity),
          (index) => asked[index].path,
          asked.map(({ requestInputs }) => requestInputs),
        ),
      MAX_BATCH,
    );
    this.reads.set(serviceVersionId, reads);
    return reads;
  }
}

async function predictionOf(
  scorer: Scorer,
  version: ModelVersion,
  { entity, values, statuses }: ServedFeatures,
  actor: Actor,
): Promise<Prediction> {
  const probability = await scorer.score(values);
  const predictedAt = new Date();
  return Object.assign(new Prediction(), {
    id: newPredictionId(predictedAt),
    modelId: version.modelId,
    modelVersionId: version.id,
    variant: variantOf(version),
    entity,
    features: values,
    featureStatuses: statuses,
    featuresHash: createHash('sha256')
      .update(canonicalize(values) ?? '')
      .digest('hex'),
    featureServiceVersionId: version.featureServiceVersionId,
    probability,
    label: probability >= version.decisionThreshold,
    latencyMs: 0,
    actor: actor.name,
    requestId: actor.requestId,
    predictedAt,
  } as const);
}

function servedFeatures(
  { entity, isKnown, values }: OnlineFeatureRow,
  path: readonly string[],
): ServedFeatures | NotFound {
  // With no feature at all the answer would be the same for everybody: that is no prediction about this entity.
  if (!isKnown) {
    const name = Object.entries(entity).map(([key, value]) => `${key} = ${String(value)}`);
    const remedy = 'Ingest its features and materialize them, or give features.';
    return new NotFound('entity in the online store', name.join(', '), remedy, path);
  }
  const missing = values.filter(({ status }) => status !== 'PRESENT');
  return {
    entity,
    values: Object.fromEntries(values.map(({ name, value }) => [name, value])),
    statuses: Object.fromEntries(missing.map(({ name, status }) => [name, status])),
  };
}

function givenFeatures(
  version: ModelVersion,
  rows: readonly Row[],
  path: (index: number) => readonly string[],
): (ServedFeatures | InvalidInput)[] {
  return rows.map((row, index) => {
    try {
      const values = readGivenFeatures(version.signature, row, path(index));
      const missing = Object.keys(values).filter((name) => values[name] === null);
      return { entity: null, values, statuses: Object.fromEntries(missing.map((name) => [name, 'NULL'])) };
    } catch (error) {
      if (error instanceof InvalidInput) return error;
      throw error;
    }
  });
}
