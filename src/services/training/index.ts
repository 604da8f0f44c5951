/** From datasets to models: runs, the algorithms behind them, and the way of a run to the quality gate. */
export { HeldOutService } from './held-out.service';
export { type Distribution, parseReferenceProfile, type ReferenceProfile } from './reference-profile';
export { RunSubmissionService, type Submitted } from './run-submission.service';
export { type ArtifactReference, type UploadedModel, UploadSubmissionService } from './upload-submission.service';
export { type StartTrainingInput, TrainingService } from './training.service';
