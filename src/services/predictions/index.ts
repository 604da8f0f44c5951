/** The log of served predictions, and what truly happened after them. */
export type { Outcome } from './outcome.policy';
export { OutcomeService } from './outcome.service';
export { PredictionExpired } from './prediction-errors';
export { newPredictionId } from './prediction-id';
export { PredictionLog } from './prediction-log';
export { PredictionRetention } from './prediction-partitions';
export type { PredictionProfiler, ProfileDelta } from './prediction-profiler';
export { countLabels, outcomesRecorded, type OutcomeSpan } from './recorded-outcomes';
export { firstPredictedAt, newestSpan } from './prediction-span';
export { type LoggedPrediction, PredictionReader } from './prediction-reader';
