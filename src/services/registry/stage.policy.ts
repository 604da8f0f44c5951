import type { Stage } from '../../entities';
import { StageTransitionNotAllowed } from '../../errors';

const ALLOWED = {
  NONE: ['STAGING', 'ARCHIVED'],
  STAGING: ['PRODUCTION', 'ARCHIVED'],
  PRODUCTION: ['ARCHIVED'],
  ARCHIVED: ['STAGING'],
} satisfies Record<Stage, readonly Stage[]>;

/** The stages that a version can go to. An archived one returns to PRODUCTION at once only if it was there before: that is a rollback. */
export function stagesFrom(from: Stage, wasProduction: boolean): readonly Stage[] {
  return from === 'ARCHIVED' && wasProduction ? [...ALLOWED.ARCHIVED, 'PRODUCTION'] : ALLOWED[from];
}

/** @throws StageTransitionNotAllowed, listing the stages that are */
export function assertTransitionAllowed(from: Stage, to: Stage, wasProduction: boolean): void {
  const allowed = stagesFrom(from, wasProduction);
  if (!allowed.includes(to)) throw new StageTransitionNotAllowed(from, to, allowed);
}
