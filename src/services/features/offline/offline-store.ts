import type {
  DatasetColumn,
  DatasetSplit,
  FeatureQualityResult,
  FeatureQualityRule,
  FeatureValue,
  JoinKey,
  OnDemandFeature,
  RequestInput,
  ScalarValue,
  StoredColumnProfile,
  StoredColumnStatistics,
} from '../../../entities';
import type { RowSchema, RowSlice } from '../rows/row-slice';
import type { PatternProblem } from './pattern-problem';

/** A committed batch of a view's rows. */
export interface OfflineBatch {
  /** As the store named it. */
  readonly file: string;
  readonly ingestSequence: number;
}

/** The rows of one version of a view in a list of batches: a snapshot, since batches never change. */
export interface ViewRows {
  readonly view: string;
  readonly schema: RowSchema;
  /** Those that have a file of their own, as it was ingested. */
  readonly batches: readonly OfflineBatch[];
  /** The others. */
  readonly rewritten?: RewrittenFiles;
}

/** Files that were written anew: each may hold several batches, and says the position of every row. */
export interface RewrittenFiles {
  readonly files: readonly string[];
  /** Rows of earlier batches are not meant; absent: all are. */
  readonly fromSequence?: number;
  /** Rows of later batches are not meant; null: all are. */
  readonly throughSequence: number | null;
}

/** One value per join key. */
export type EntityValues = Readonly<Record<string, Exclude<ScalarValue, null>>>;

export interface StoredBatch {
  readonly file: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
  /** Microseconds since 1970. */
  readonly minEventTimestamp: bigint;
  readonly maxEventTimestamp: bigint;
}

export interface RewrittenBatches {
  readonly file: string;
  readonly rowCount: number;
}

/** Which rows count as newest ones: those that are due, and new since the last time. */
export interface LatestWindow {
  /** Rows of later events are not due yet. */
  readonly dueThrough: Date;
  /** What was looked at before: rows of batches up to the sequence that were due by then. */
  readonly seen: { readonly throughSequence: number; readonly dueThrough: Date } | null;
}

/** The newest rows of entities, as columns; one element per entity. */
export interface LatestPage {
  /** See entityKeyOf. */
  readonly entityKeys: string[];
  /** Microseconds since 1970. */
  readonly eventMicros: bigint[];
  readonly createdMicros: (bigint | null)[];
  readonly ingestSequences: number[];
  /** In the order of the view's fields. */
  readonly values: FeatureValue[][];
}

export interface LatestRows {
  readonly rowCount: number;
  readonly pages: AsyncIterable<LatestPage>;
}

/** Which entities are looked at where all would be too many. */
export interface EntityChoice {
  readonly count: number;
  /** An integer; the same one chooses the same entities. */
  readonly seed: number;
}

export interface EntitySample {
  /** See entityKeyOf. */
  readonly entityKeys: readonly string[];
  /** OfflineStore.latest of these entities. */
  latest<T>(rows: ViewRows, window: LatestWindow, use: (latest: LatestRows) => Promise<T>): Promise<T>;
}

/** A join key of a view, and the column of the entity rows that it is compared with: the same name, unless a service maps it to another. */
export interface JoinedKey {
  readonly name: string;
  readonly entityKey: string;
}

/** One view's part of a dataset. */
export interface JoinedView {
  readonly rows: ViewRows;
  readonly joinKeys: readonly JoinedKey[];
  readonly ttlSeconds: number | null;
  readonly features: readonly { readonly name: string; readonly field: string }[];
}

/** All that a dataset is made of. */
export interface DatasetPlan {
  readonly datasetId: string;
  readonly labels: {
    readonly rows: ViewRows;
    readonly field: string;
    /** Inclusive; null is open. */
    readonly from: Date | null;
    readonly to: Date | null;
  };
  readonly views: readonly JoinedView[];
  /** Computed from the features of the views as they were joined, and from the request inputs. */
  readonly onDemandFeatures: readonly OnDemandFeature[];
  /** Fields of the rows that have the label. */
  readonly requestInputs: readonly RequestInput[];
  readonly columns: readonly DatasetColumn[];
  readonly leakageCutoff: boolean;
  readonly split: DatasetSplit;
}

export interface BuiltDataset {
  readonly file: string;
  readonly rowCount: number;
  readonly heldOutRowCount: number;
  readonly sizeBytes: number;
  readonly minEventTimestamp: bigint;
  readonly maxEventTimestamp: bigint;
  /** SHA-256 of each column in the order of rows. */
  readonly columnDigests: readonly string[];
  readonly statistics: readonly StoredColumnStatistics[];
  readonly warnings: readonly string[];
}

export interface Work {
  readonly signal?: AbortSignal;
  /** @param ratio share that is done, 0 to 1 */
  progress?(ratio: number, message: string): void;
}

/** Where all rows of features are kept, and the joins over them are done. */
export interface OfflineStore {
  /**
   * Stores rows durably. They count only once their batch is in the manifest.
   * @param slices columns in the order of storedColumns()
   */
  writeBatch(folder: string, schema: RowSchema, slices: AsyncIterable<RowSlice>): Promise<StoredBatch>;
  /**
   * Writes rows into one new file that says their positions. As with a batch, they count once the manifest says so.
   * @param parts in the order of their positions, which the file keeps
   * @param without an entity whose rows are left out
   * @returns null when no row is left
   */
  rewrite(
    folder: string,
    parts: readonly ViewRows[],
    without: EntityValues | null,
    work: Work,
  ): Promise<RewrittenBatches | null>;
  /** How many rows of an entity each file has that has any: of batches, or of datasets with columns that are called like its join keys. */
  rowsOfEntity(
    files: readonly string[],
    joinKeys: readonly JoinKey[],
    entity: EntityValues,
    work: Work,
  ): Promise<ReadonlyMap<string, number>>;
  /** Removes what is in no manifest. */
  remove(file: string): Promise<void>;
  /** Files of all batches and datasets that are there, referenced or not. */
  list(): Promise<{ batches: string[]; datasets: { file: string; datasetId: string }[] }>;

  /** @throws InvalidInput when the labels do not allow the split, Cancelled */
  buildDataset(plan: DatasetPlan, work: Work): Promise<BuiltDataset>;
  /** The first rows of a dataset, labels and held-out mark included. */
  preview(file: string, columns: readonly DatasetColumn[], first: number): Promise<Record<string, FeatureValue>[]>;
  /** Where a worker thread finds a dataset's file (see readDatasetTable). */
  pathOf(file: string): string;

  /** The newest row of every entity that has one in the window, read page by page within `use`. */
  latest<T>(rows: ViewRows, window: LatestWindow, work: Work, use: (latest: LatestRows) => Promise<T>): Promise<T>;
  /** Chooses some of the entities that have rows, to be looked at within `use`. */
  sampleEntities<T>(
    rows: ViewRows,
    choice: EntityChoice,
    work: Work,
    use: (sample: EntitySample) => Promise<T>,
  ): Promise<T>;
  /** The rules, over the newest row of every entity; FRESHNESS and UNIQUE by join keys and event time, over all rows. */
  evaluate(
    rows: ViewRows,
    rules: readonly FeatureQualityRule[],
    context: RuleContext,
    work: Work,
  ): Promise<EvaluatedRules>;
  /** What is wrong with a regular expression for PATTERN rules; null when nothing is. */
  patternProblem(pattern: string): Promise<PatternProblem | null>;
  /** Statistics of the fields, over the newest row of every entity. */
  statistics(rows: ViewRows, work: Work): Promise<StoredColumnStatistics[]>;
  /** The same over all rows. */
  rowStatistics(rows: ViewRows, work: Work): Promise<StoredColumnStatistics[]>;
}

/** What rules are judged by beside the rows. */
export interface RuleContext {
  /** FRESHNESS counts from it; later events do not make a view fresh. */
  readonly now: Date;
  /** What a DRIFT rule compares with; null where its reference has no profile of the field. */
  referenceOf(rule: FeatureQualityRule): StoredColumnProfile | null;
}

export interface EvaluatedRules {
  readonly rowCount: number;
  readonly results: readonly FeatureQualityResult[];
}
