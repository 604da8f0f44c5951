import type { DriftCondition, DriftPart, DriftResult } from '../../../entities';
import { type Judgement, notEvaluable } from './judge-window.policy';

/** One figure of a report that a rule looks at. */
interface Finding {
  readonly part: DriftPart;
  readonly name: string;
  readonly verdict: string;
  readonly effect: number | null;
  readonly threshold: number | null;
}

/** The gravest first. */
const GRAVITY: readonly DriftPart[] = ['CONCEPT', 'PREDICTION', 'FEATURE'];

/** What a drift report means for a rule. Too little data for any part that shows no drift is never "no drift". */
export function judgeDriftReport(
  result: Pick<DriftResult, 'features' | 'prediction' | 'concept'>,
  { parts, feature }: DriftCondition,
): Judgement {
  const findings = findingsOf(result).filter(
    ({ part, name }) => parts.includes(part) && (part !== 'FEATURE' || feature === null || name === feature),
  );
  const drifted = findings
    .filter(({ verdict }) => verdict === 'DRIFT')
    .sort((a, b) => GRAVITY.indexOf(a.part) - GRAVITY.indexOf(b.part) || (b.effect ?? 0) - (a.effect ?? 0));
  const worst = drifted.at(0);
  if (worst)
    return { outcome: 'BREACHED', value: worst.effect, threshold: worst.threshold, causes: drifted.map(causeOf) };

  if (findings.length === 0) return notEvaluable(`The report has no feature ${JSON.stringify(feature)}.`);
  const unknown = findings.filter(({ verdict }) => verdict.startsWith('INSUFFICIENT'));
  if (unknown.length > 0) return notEvaluable(`${unknown.map(({ name }) => name).join(', ')}: too little data.`);
  const compared = findings.filter(({ verdict }) => verdict === 'NO_DRIFT');
  if (compared.length === 0) return notEvaluable('There is nothing to compare in what the rule looks at.');
  const [{ effect, threshold }] = compared.sort((a, b) => (b.effect ?? 0) - (a.effect ?? 0));
  return { outcome: 'CLEAN', value: effect, threshold, causes: ['No drift in what the rule looks at.'] };
}

function findingsOf({
  features,
  prediction,
  concept,
}: Pick<DriftResult, 'features' | 'prediction' | 'concept'>): Finding[] {
  return [
    ...features.map(({ feature, verdict, klDivergence, threshold }) => {
      return { part: 'FEATURE', name: feature, verdict, effect: klDivergence, threshold } as const;
    }),
    {
      part: 'PREDICTION',
      name: 'predictions',
      ...pick(prediction.verdict, prediction.jsDistance, prediction.threshold),
    },
    { part: 'CONCEPT', name: 'concept', ...pick(concept.verdict, concept.ksStatistic, null) },
  ];
}

const pick = (verdict: string, effect: number | null, threshold: number | null) => ({ verdict, effect, threshold });

function causeOf({ part, name, effect, threshold }: Finding): string {
  const figure = effect === null ? 'unknown' : effect.toFixed(3);
  if (part === 'CONCEPT') return `Concept drift: outcomes no longer follow the probabilities (KS D = ${figure}).`;
  if (part === 'PREDICTION') return `Prediction drift: Jensen–Shannon distance ${figure}, threshold ${threshold}.`;
  return `Data drift in ${name}: KL divergence ${figure}, threshold ${threshold}.`;
}
