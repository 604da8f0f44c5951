import type { HeldOutComparison, PromotionCriteria, RetrainingOutcome } from '../../entities';
import { improvement } from '../registry';

/** Whether a version that passed the gate takes production's place, judged on the same held-out rows. */
export function decidePromotion(
  criteria: PromotionCriteria,
  comparison: HeldOutComparison | null,
): { promote: boolean; reason: string } {
  const { metric, minimumImprovement, minimumHeldOutRows } = criteria;
  if (!criteria.automatic) return { promote: false, reason: 'The policy leaves promotion to a person.' };
  if (!comparison) return { promote: true, reason: 'There is no production version to compare with.' };
  if (comparison.rowCount < minimumHeldOutRows) {
    return {
      promote: false,
      reason: `Only ${comparison.rowCount} held-out rows can be compared; ${minimumHeldOutRows} are needed.`,
    };
  }
  const challenger = comparison.candidate[metric];
  const production = comparison.production[metric];
  const gained =
    challenger === undefined || production === undefined ? null : improvement(metric, challenger, production);
  if (gained === null) return { promote: false, reason: `${metric} was not measured for both versions.` };
  const figures = `${metric} ${challenger.toFixed(4)} against production's ${production.toFixed(4)} on the same ${comparison.rowCount} held-out rows`;
  return gained > 0 && gained >= minimumImprovement
    ? { promote: true, reason: `Better: ${figures}.` }
    : { promote: false, reason: `Not better by more than ${minimumImprovement}: ${figures}.` };
}

/** The metrics that both were measured by, as a retraining's outcome keeps them. */
export function heldOutFigures(
  comparison: HeldOutComparison | null,
): Pick<RetrainingOutcome, 'comparedRowCount' | 'comparison'> {
  if (!comparison) return { comparedRowCount: 0, comparison: [] };
  const { rowCount, production, candidate } = comparison;
  const both = Object.keys(production).filter((metric) => candidate[metric] !== undefined);
  return {
    comparedRowCount: rowCount,
    comparison: both.map((metric) => ({
      metric,
      production: production[metric],
      challenger: candidate[metric],
    })),
  };
}
