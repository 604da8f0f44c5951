import type { DatasetPlan, FeatureRow, StoryField, StoryQualityRule } from '../story';
import { JOB_FIELDS, mutation, operation, type JobState } from './operation';

export const APPLY_ENTITY = mutation<
  { readonly entity: { readonly id: string } },
  { name: string; joinKeys: { name: string; dtype: string }[]; description: string }
>(`
  mutation ExampleApplyEntity($input: ApplyEntityInput!) {
    payload: applyEntity(input: $input) { entity { id } userErrors { code field message } }
  }
`);

export const APPLY_FEATURE_VIEW = mutation<
  { readonly featureView: { readonly id: string } },
  {
    name: string;
    entity: string;
    fields: readonly StoryField[];
    description: string;
    tags: Record<string, string>;
    qualityRules: readonly StoryQualityRule[];
  }
>(`
  mutation ExampleApplyFeatureView($input: ApplyFeatureViewInput!) {
    payload: applyFeatureView(input: $input) { featureView { id } userErrors { code field message } }
  }
`);

export const APPLY_FEATURE_SERVICE = mutation<
  { readonly featureService: { readonly version: number; readonly features: readonly { readonly name: string }[] } },
  { name: string; features: { view: string }[]; description: string }
>(`
  mutation ExampleApplyFeatureService($input: ApplyFeatureServiceInput!) {
    payload: applyFeatureService(input: $input) {
      featureService { version features { name } }
      userErrors { code field message }
    }
  }
`);

export const FEATURE_VIEW = operation<
  { readonly featureView: { readonly rowCount: number; readonly tags: Readonly<Record<string, string>> } | null },
  { readonly name: string }
>(`
  query ExampleFeatureView($name: String!) {
    featureView(name: $name) { rowCount tags }
  }
`);

export const INGEST = mutation<
  { readonly batch: { readonly rowCount: number } },
  { view: string; rows: readonly FeatureRow[]; idempotencyKey: string }
>(`
  mutation ExampleIngest($input: IngestFeaturesInput!) {
    payload: ingestFeatures(input: $input) { batch { rowCount } userErrors { code field message } }
  }
`);

export interface QualityReport {
  readonly passed: boolean;
  readonly blocked: boolean;
  readonly rowCount: number;
  readonly results: readonly { readonly passed: boolean; readonly message: string }[];
}

export const RUN_FEATURE_QUALITY = mutation<{ readonly report: QualityReport }, { view: string }>(`
  mutation ExampleRunFeatureQuality($input: RunFeatureQualityInput!) {
    payload: runFeatureQuality(input: $input) {
      report { passed blocked rowCount results { passed message } }
      userErrors { code field message }
    }
  }
`);

export const MATERIALIZE = mutation<{ readonly job: JobState }, { views: string[]; idempotencyKey: string }>(`
  mutation ExampleMaterialize($input: MaterializeFeaturesInput!) {
    payload: materializeFeatures(input: $input) { job { ${JOB_FIELDS} } userErrors { code field message } }
  }
`);

export const CREATE_DATASET = mutation<
  { readonly dataset: { readonly id: string }; readonly job: JobState },
  {
    name: string;
    featureService: string;
    labels: { view: string; field: string } & Pick<DatasetPlan, 'from' | 'to'>;
    split: Pick<DatasetPlan, 'strategy' | 'heldOutFraction'>;
    idempotencyKey: string;
  }
>(`
  mutation ExampleCreateDataset($input: CreateDatasetInput!) {
    payload: createDataset(input: $input) { dataset { id } job { ${JOB_FIELDS} } userErrors { code field message } }
  }
`);

export interface DatasetFacts {
  readonly id: string;
  readonly rowCount: number;
  readonly heldOutRowCount: number;
  readonly fingerprint: string;
  readonly leakageCutoff: boolean;
  readonly warnings: readonly string[];
}

export const DATASET = operation<{ readonly dataset: DatasetFacts | null }, { readonly id: string }>(`
  query ExampleDataset($id: ID!) {
    dataset(id: $id) { id rowCount heldOutRowCount fingerprint leakageCutoff warnings }
  }
`);
