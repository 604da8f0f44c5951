export type { BatchResult } from './prediction-attempt';
export type { PredictionObserver } from './prediction-observer';
export { ScorerCache } from './scorer-cache';
export { type PredictBatchInput, type PredictInput, ServingService } from './serving.service';
