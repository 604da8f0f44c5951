/** What Mooring does by itself: triggers, retraining, promotion. */
export { DriftTrigger } from './drift-trigger';
export { RetrainingPolicyService, type SetRetrainingPolicyInput } from './retraining-policy.service';
export { RetrainingService } from './retraining.service';
