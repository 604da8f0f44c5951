import { GATE_METRICS } from './quality-gate.policy';

/** What the gate does not look at, and other trainers report. */
const OTHERS: Readonly<Record<string, boolean>> = {
  averagePrecision: true,
  balancedAccuracy: true,
  f1Macro: true,
  f1Micro: true,
  f1Weighted: true,
  ks: true,
  matthewsCorrelation: true,
  prAuc: true,
  r2: true,
  rocAuc: true,
  sensitivity: true,
  specificity: true,
  brierScore: false,
  expectedCalibrationError: false,
  mae: false,
  mape: false,
  meanAbsoluteError: false,
  meanSquaredError: false,
  medianAbsoluteError: false,
  mse: false,
  rmse: false,
  rootMeanSquaredError: false,
};

/** `roc_auc`, `roc-auc` and `rocAuc` are one metric. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const HIGHER_IS_BETTER = new Map(
  [
    ...Object.entries(GATE_METRICS).map(([name, { higherIsBetter }]) => [name, higherIsBetter] as const),
    ...Object.entries(OTHERS),
  ].map(([name, higher]) => [plain(name), higher]),
);

/** Whether more of a metric is better; null for one that is not known, of which nobody shall be told what is best. */
export const higherIsBetter = (metric: string): boolean | null => HIGHER_IS_BETTER.get(plain(metric)) ?? null;
