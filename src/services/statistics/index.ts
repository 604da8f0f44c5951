export * from './seeded-random';
export { chiSquareQuantile, chiSquareSurvival, normalSurvival } from './distributions';
export * from './column-statistics';
export { type BinSpec, binLabels, MAX_LEVELS, MAX_NUMERIC_BINS, referenceBins } from './reference-bins';
export * from './count-bins';
export * from './divergence';
export * from './binned-distances.math';
export * from './detection-delay.math';
export * from './drift-test.policy';
export * from './share-increase.math';
export * from './holm';
export * from './evidently-drift';
export * from './ks-two-sample';
export { kolmogorovSurvival } from './kolmogorov-survival';
export { type Calibration, applyCalibration, calibrationZ, fitCalibration } from './calibration';
export * from './probability-integral-transform';
export * from './concept-drift.policy';
export * from './concept-segments';
export * from './confounded-tests.math';
export * from './regression-drift.math';
export * from './ranking-metrics';
export * from './classification-metrics';
export * from './evaluate-binary';
export {
  type CalibrationPoint,
  type EvaluationCurves,
  evaluationCurves,
  type PrecisionRecallPoint,
  precisionRecallCurve,
  rocCurve,
  type RocPoint,
} from './evaluation-curves.math';
export * from './metrics';
export { type BinaryEvaluation, binaryEvaluation } from './binary-evaluation';
export * from './segment-metrics';
export { evaluateMulticlass, type MulticlassMetrics, type MulticlassPredictions } from './evaluate-multiclass';
export { evaluateRegression, type RegressionMetrics } from './evaluate-regression';
export {
  type ClassEvaluation,
  MAX_CLASSES,
  type MulticlassEvaluation,
  multiclassEvaluation,
} from './multiclass-evaluation';
export {
  type PredictedActualPoint,
  type RegressionCalibrationPoint,
  type RegressionEvaluation,
  regressionEvaluation,
  type ResidualBin,
  type ResidualQuantile,
} from './regression-evaluation';
export { type Figure, normalQuantile, type Undefined } from './metric-interval.math';
export {
  type ConfusionFigures,
  type PerformanceFigures,
  REALISED_PARTS,
  realisedPerformance,
  undefinedPerformance,
} from './realised-performance';
export { calibrateScores, ESTIMATED_PARTS, estimatedPerformance } from './estimated-performance.math';
export { estimatePValue } from './estimate-check.math';
export { EMPTY_SAMPLE, mergeSamples, mergeSorted, sampleSize, type ScoreSample, scoreSample } from './sorted-scores';
