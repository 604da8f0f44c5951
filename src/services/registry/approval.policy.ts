import type { ApprovalRule, Stage, TransitionRequest, TransitionRequestStatus, TransitionVote } from '../../entities';
import { InvalidInput } from '../../errors';

const MOST_APPROVALS = 10;
const LONGEST_HOURS = 24 * 90;
/** Where a request is made without a rule that asks for one. */
const WITHOUT_A_RULE = { approvals: 1, role: null, expiresAfterHours: 72 } as const;

/** The rule for moves to a stage; null: whoever may move versions makes them at once. */
export const ruleFor = (rules: readonly ApprovalRule[], toStage: Stage): ApprovalRule | null =>
  rules.find((rule) => rule.toStage === toStage) ?? null;

/** What a request for a move has to meet. */
export const requirementsOf = (rules: readonly ApprovalRule[], toStage: Stage): Omit<ApprovalRule, 'toStage'> =>
  ruleFor(rules, toStage) ?? WITHOUT_A_RULE;

/** @throws InvalidInput naming the rule that cannot be met, or the second one for a stage */
export function checkedApprovalRules(rules: readonly ApprovalRule[]): ApprovalRule[] {
  return rules.map((rule, index) => {
    const at = (field: string) => ['input', 'rules', String(index), field];
    const isWithin = (value: number, most: number) => value >= 1 && value <= most;
    if ((rule.toStage as Stage) === 'NONE') throw new InvalidInput(at('toStage'), 'no version moves to NONE');
    if (rules.findIndex(({ toStage }) => toStage === rule.toStage) < index)
      throw new InvalidInput(at('toStage'), `there is a rule for ${rule.toStage} already; give one per stage`);
    if (!isWithin(rule.approvals, MOST_APPROVALS))
      throw new InvalidInput(at('approvals'), `${rule.approvals} is out of range; expected 1 to ${MOST_APPROVALS}`);
    if (!isWithin(rule.expiresAfterHours, LONGEST_HOURS))
      throw new InvalidInput(
        at('expiresAfterHours'),
        `${rule.expiresAfterHours} is out of range; expected 1 to ${LONGEST_HOURS}`,
      );
    const { toStage, approvals, role, expiresAfterHours } = rule;
    return { toStage, approvals, role, expiresAfterHours };
  });
}

/** The status of a request at a moment: what nobody has decided in time has run out. */
export const statusAt = (request: TransitionRequest, now: Date): TransitionRequestStatus =>
  request.status === 'PENDING' && request.expiresAt <= now ? 'EXPIRED' : request.status;

/** Whether these votes let the move be made. */
export const isApproved = ({ requiredApprovals }: TransitionRequest, votes: readonly TransitionVote[]): boolean =>
  votes.filter(({ approved }) => approved).length >= requiredApprovals;
