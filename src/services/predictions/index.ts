/** The log of served predictions, and what truly happened after them. */
export { type Outcome, OutcomeService } from './outcome.service';
export { PredictionLog } from './prediction-log';
export { type LoggedPrediction, PredictionReader } from './prediction-reader';
