import type { ConceptDrift, MonitoringRules } from '../../entities';
import { type LinearCalibration, residualZ } from '../statistics';
import { MINIMUM_LABEL_COVERAGE } from './concept-analysis.policy';
import { labelsLacking, labelsNeeded, shownNumber } from './drift-reasons';

/** Outcomes of a regression model beside its predictions, and what its reference says about them. */
export interface RegressionOutcomes {
  /** Fitted on held-out reference rows. */
  readonly calibration: LinearCalibration;
  readonly predictions: ArrayLike<number>;
  readonly outcomes: ArrayLike<number>;
}

/** A smaller mean residual, in standard deviations of the reference's residuals, is of no consequence. */
const MINIMUM_RESIDUAL_SHIFT = 0.1;

const NO_SHAPE =
  'KS does not apply: a regression has no predictive distribution to hold outcomes against, and KS on its residuals alarms when only the traffic changes. ' +
  'This tests the mean of the outcomes given the calibrated predictions.';

/** A concept that cannot be tested: why. */
export const notApplicable = (reason: string): ConceptDrift => ({
  verdict: 'NOT_APPLICABLE',
  reason,
  ksStatistic: null,
  ksPValue: null,
  calibrationZ: null,
  calibrationPValue: null,
  labelledRowCount: 0,
  labelsNeeded: null,
  note: reason,
});

/** Concept drift of a regression model: the mean residual about the calibrated predictions, one test. */
export function regressionConcept(
  { calibration, predictions, outcomes }: RegressionOutcomes,
  cohortSize: number,
  { alpha, minimumLabels }: MonitoringRules,
): ConceptDrift {
  const labelCount = outcomes.length;
  const enough = Math.max(2, minimumLabels);
  const base = {
    ...notApplicable(NO_SHAPE),
    labelledRowCount: labelCount,
    labelsNeeded: labelsNeeded({ cohortSize }, enough, MINIMUM_LABEL_COVERAGE),
  };
  const lacking = labelsLacking({ labelCount, cohortSize }, enough, MINIMUM_LABEL_COVERAGE);
  if (lacking !== null) return { ...base, verdict: 'INSUFFICIENT_LABELS', reason: lacking };
  const { z, pValue, shift } = residualZ(calibration, predictions, outcomes);
  if (!Number.isFinite(z) || Number.isNaN(shift))
    return { ...base, verdict: 'NOT_APPLICABLE', reason: 'The outcomes are too large for arithmetic in doubles.' };
  const drifts = pValue < alpha && Math.abs(shift) >= MINIMUM_RESIDUAL_SHIFT;
  const size = `${shownNumber(Math.abs(shift))} standard deviations ${shift > 0 ? 'above' : 'below'}`;
  const chance = `p = ${shownNumber(pValue)}, level ${alpha}; ${MINIMUM_RESIDUAL_SHIFT} deviations count`;
  return {
    ...base,
    verdict: drifts ? 'DRIFT' : 'NO_DRIFT',
    reason: `Outcomes are on average ${size} what the calibrated predictions promise (${chance}).`,
    calibrationZ: z,
    calibrationPValue: pValue,
  };
}
