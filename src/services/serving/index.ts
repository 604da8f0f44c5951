export { ScorerCache } from './scorer-cache';
export {
  type BatchResult,
  type PredictBatchInput,
  type PredictInput,
  type PredictionObserver,
  ServingService,
} from './serving.service';
