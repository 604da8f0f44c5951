import { TASK_TYPES, type TaskType } from '../../entities';

interface Metric {
  readonly higherIsBetter: boolean;
  /** Of which models the quality gate takes rules on it. */
  readonly gates?: readonly TaskType[];
}

const higher = (...gates: TaskType[]): Metric => ({ higherIsBetter: true, gates });
const lower = (...gates: TaskType[]): Metric => ({ higherIsBetter: false, gates });

/** The metrics that are known by name. The rest are those that other trainers report, and that comparisons can tell the better side of. */
const METRICS: Readonly<Record<string, Metric>> = {
  accuracy: higher('BINARY_CLASSIFICATION', 'MULTICLASS_CLASSIFICATION'),
  auc: higher('BINARY_CLASSIFICATION'),
  aucMacro: higher('MULTICLASS_CLASSIFICATION'),
  averagePrecision: higher(),
  balancedAccuracy: higher('MULTICLASS_CLASSIFICATION'),
  brier: lower('BINARY_CLASSIFICATION'),
  f1: higher('BINARY_CLASSIFICATION'),
  f1Macro: higher('MULTICLASS_CLASSIFICATION'),
  f1Weighted: higher('MULTICLASS_CLASSIFICATION'),
  logLoss: lower('BINARY_CLASSIFICATION', 'MULTICLASS_CLASSIFICATION'),
  mae: lower('REGRESSION'),
  mape: lower('REGRESSION'),
  medianAbsoluteError: lower('REGRESSION'),
  precision: higher('BINARY_CLASSIFICATION'),
  precisionMacro: higher('MULTICLASS_CLASSIFICATION'),
  r2: higher('REGRESSION'),
  recall: higher('BINARY_CLASSIFICATION'),
  recallMacro: higher('MULTICLASS_CLASSIFICATION'),
  rmse: lower('REGRESSION'),

  brierScore: lower(),
  expectedCalibrationError: lower(),
  f1Micro: higher(),
  ks: higher(),
  matthewsCorrelation: higher(),
  meanAbsoluteError: lower(),
  meanSquaredError: lower(),
  mse: lower(),
  prAuc: higher(),
  rocAuc: higher(),
  rootMeanSquaredError: lower(),
  sensitivity: higher(),
  specificity: higher(),
};

const metricsOf = (taskType: TaskType): readonly string[] =>
  Object.keys(METRICS).filter((name) => METRICS[name].gates?.includes(taskType));

/** The metrics that the quality gate takes rules on, by task type. */
export const GATE_METRICS = Object.fromEntries(
  TASK_TYPES.map((taskType) => [taskType, metricsOf(taskType)]),
) as Readonly<Record<TaskType, readonly string[]>>;

const OF_ANY_GATE = new Set(Object.values(GATE_METRICS).flat());

/** Whether the gate takes rules on it for models of some task type. */
export const isGateMetric = (name: string): boolean => OF_ANY_GATE.has(name);

/** `roc_auc`, `roc-auc` and `rocAuc` are one metric. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const HIGHER_IS_BETTER = new Map(Object.entries(METRICS).map(([name, metric]) => [plain(name), metric.higherIsBetter]));

/** Whether more of a metric is better; null for one that is not known, of which nobody shall be told what is best. */
export const higherIsBetter = (metric: string): boolean | null => HIGHER_IS_BETTER.get(plain(metric)) ?? null;

/** How much better than the baseline the actual figure is, in the metric's unit; negative when worse; null for a metric that is not known. */
export function improvement(metric: string, actual: number, baseline: number): number | null {
  const higher = higherIsBetter(metric);
  if (higher === null) return null;
  return higher ? actual - baseline : baseline - actual;
}
