export { type BatchResult, type PredictionObserver } from './prediction-attempt';
export { ScorerCache } from './scorer-cache';
export { type PredictBatchInput, type PredictInput, ServingService } from './serving.service';
