import { encodeLinearClassifier } from '../../src/services/onnx';
import { type PreprocessingPipeline, serializePipeline } from '../../src/services/preprocessing';
import { type Candidate } from '../../src/services/registry';
import { serializeReferenceProfile } from '../../src/services/training/reference-profile';
import { aCandidate } from './registry-fixture';
import { referenceOf, SIGNATURE, subscribers } from './subscribers';

/** The law of subscribers.ts as a pipeline and a linear model: what it predicts is `probability` there. */
const PIPELINE: PreprocessingPipeline = {
  formatVersion: 1,
  features: [
    { feature: 'minutes', kind: 'NUMERIC', steps: [{ step: 'IMPUTE_MEDIAN', median: 100 }] },
    { feature: 'plan', kind: 'CATEGORICAL', steps: [{ step: 'ONE_HOT', levels: ['flat', 'meter'], hasOther: false }] },
    { feature: 'calls', kind: 'NUMERIC', steps: [] },
  ],
};
const LINEAR = { coefficients: Float32Array.of(0.05, -1, 0.5, 0.2), intercept: -0.5 - 5 };

/** A candidate that can be served and watched; its reference are held-out rows of the unchanged world. */
export function subscriberCandidate(changes: Partial<Candidate> = {}): Candidate {
  return aCandidate({
    modelBytes: encodeLinearClassifier(LINEAR),
    preprocessing: serializePipeline(PIPELINE),
    referenceProfile: serializeReferenceProfile(referenceOf(subscribers(2000, 'reference'))),
    signature: { inputs: [...SIGNATURE.inputs] },
    ...changes,
  });
}
