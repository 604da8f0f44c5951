import { ARTIFACT_ROLES } from '../entities/enums';
import { enumType } from './enum-type';

export const RuleComparison = enumType(
  'RuleComparison',
  ['AT_LEAST', 'AT_MOST'] as const,
  'On which side of the threshold a metric must be.',
  {
    AT_LEAST: 'For metrics that are better higher, such as auc.',
    AT_MOST: 'For metrics that are better lower, such as logLoss.',
  },
);

export const CheckKind = enumType(
  'CheckKind',
  ['DATA', 'MODEL'] as const,
  'What a check of the quality gate looks at.',
  {
    DATA: 'The data that the model was trained and judged on.',
    MODEL: 'The figures of the model itself.',
  },
);

export const ArtifactRole = enumType('ArtifactRole', ARTIFACT_ROLES, 'What stored bytes are to their version.', {
  MODEL: 'The model itself: ONNX, or another format, which is stored and not served.',
  PREPROCESSING: 'The pipeline from raw features to the model’s inputs, as JSON.',
  REFERENCE_PROFILE: 'What held-out data and predictions looked like: the reference of drift reports, as JSON.',
  EVALUATION_REPORT:
    'How the model was judged: shown in `evaluation` where it has the format of docs/evaluation-report.md, else its owner’s.',
  FEATURE_FILE: 'Rows of features, for ingestFeatureFile; no version has one.',
});
