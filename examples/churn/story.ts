/** What a story may send in one row: the join key, the features, and the two timestamps in ISO 8601. */
export type FeatureRow = Record<string, string | number | boolean | null>;

export interface StoryField {
  readonly name: string;
  readonly dtype: 'INT64' | 'DOUBLE' | 'BOOL' | 'STRING';
  readonly description: string;
}

export interface StoryQualityRule {
  /** Null for a rule on the whole view. */
  readonly field: string | null;
  readonly kind: 'NOT_NULL_RATIO' | 'RANGE' | 'ALLOWED_VALUES' | 'ROW_COUNT';
  readonly severity: 'WARN' | 'BLOCK';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly allowedValues?: readonly string[];
}

export interface StoryView {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly StoryField[];
  readonly qualityRules: readonly StoryQualityRule[];
}

/** Rows for one view. Every run makes the same batches in the same order: the count of rows that a server holds says where to go on. */
export interface IngestBatch {
  readonly view: string;
  readonly rows: readonly FeatureRow[];
}

export interface DatasetPlan {
  /** The first and the last snapshot whose labels are used, ISO 8601, both inclusive; null is open. */
  readonly from: string | null;
  readonly to: string | null;
  readonly strategy: 'TIME' | 'STRATIFIED';
  readonly heldOutFraction: number;
}

/** Subscribers of the later window, whose outcome is known afterwards. */
export interface CohortMember {
  readonly subscriberId: string;
  readonly churned: boolean;
  /** When the outcome was known, ISO 8601; null where the source does not say. */
  readonly observedAt: string | null;
}

/**
 * A source of data told as the steps need it: first what the past has left, then a later window without its outcomes, then the outcomes.
 * The steps know nothing else, so the generated population and any CSV file go through the same ones.
 */
export interface Story {
  /** One line for the progress and the summary. */
  readonly title: string;
  /** What the reader of the summary has to know: columns left out, a window that is a stand-in. */
  readonly notes: readonly string[];
  /** Tells this data from other data under the same names; kept as a tag on the views. */
  readonly source: string;
  readonly names: {
    readonly model: string;
    readonly entity: string;
    readonly joinKey: string;
    readonly featureService: string;
  };
  readonly featureViews: readonly StoryView[];
  readonly labelView: StoryView;
  readonly labelField: string;
  /** The plan of the first version. */
  readonly dataset: DatasetPlan;
  /** The plan when the later window is there already: a second run on the same server. */
  readonly latestDataset: DatasetPlan;
  /** Labels before this moment, ISO 8601, are too old to retrain on; null where none is. */
  readonly retrainSince: string | null;
  /** What training shall do otherwise than by default. */
  readonly trainingParameters: { readonly learningRate?: number };
  /** The least AUC that the quality gate lets pass. */
  readonly minimumAuc: number;
  past(): Iterable<IngestBatch>;
  laterWindow(): Iterable<IngestBatch>;
  laterOutcomes(): Iterable<IngestBatch>;
  /** Rows in the three parts, about: for the share that progress shows. */
  readonly approximateRows: { readonly past: number; readonly laterWindow: number; readonly laterOutcomes: number };
  readonly cohort: readonly CohortMember[];
  /** Features given with the request instead of looked up, each with a word on what it asks. */
  readonly questions: readonly { readonly description: string; readonly features: FeatureRow }[];
}

/** ingestFeatures takes at most 10,000 rows; fewer, larger requests spend less on parsing and on committing. */
export const ROWS_PER_BATCH = 10_000;
/** A server takes bodies of 16 MB by default; half of that leaves room for rows longer than the first of their batch. */
const BATCH_CHARACTERS = 8_000_000;

/** Cuts rows into batches: as many as one request may hold by count and, going by the first row of each, by size. */
export function* inBatches(view: string, rows: Iterable<FeatureRow>): Generator<IngestBatch> {
  let batch: FeatureRow[] = [];
  let limit = ROWS_PER_BATCH;
  for (const row of rows) {
    if (batch.length === 0) limit = Math.min(ROWS_PER_BATCH, Math.ceil(BATCH_CHARACTERS / JSON.stringify(row).length));
    batch.push(row);
    if (batch.length < limit) continue;
    yield { view, rows: batch };
    batch = [];
  }
  if (batch.length > 0) yield { view, rows: batch };
}
