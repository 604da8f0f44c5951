import type { UserError } from '../graphql-client';
import type { FeatureRow } from '../story';
import { mutation } from './operation';

export const PREDICT = mutation<
  { readonly prediction: { readonly probability: number } },
  { model: string; features: FeatureRow }
>(`
  mutation ExamplePredict($input: PredictInput!) {
    payload: predict(input: $input) {
      prediction { probability }
      userErrors { code field message }
    }
  }
`);

export const PREDICT_BATCH = mutation<
  {
    readonly results: readonly {
      readonly prediction: { readonly id: string; readonly probability: number; readonly predictedAt: string } | null;
      readonly errors: readonly UserError[];
    }[];
  },
  { model: string; entities: readonly FeatureRow[] }
>(`
  mutation ExamplePredictBatch($input: PredictBatchInput!) {
    payload: predictBatch(input: $input) {
      results { prediction { id probability predictedAt } errors { code field message } }
      userErrors { code field message }
    }
  }
`);

export const RECORD_OUTCOMES = mutation<
  { readonly recordedCount: number },
  { outcomes: readonly { predictionId: string; outcome: boolean; observedAt: string | null }[] }
>(`
  mutation ExampleRecordOutcomes($input: RecordOutcomesInput!) {
    payload: recordOutcomes(input: $input) { recordedCount userErrors { code field message } }
  }
`);
