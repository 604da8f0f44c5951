import type { Role } from '../../entities';
import { Forbidden } from '../../errors';
import type { Actor } from './actor';

/**
 * The policy table: which roles may do what. Every service asks it before it writes, so that every transport is held to the same rules.
 * An ENGINEER runs the models; a SERVICE is a program that feeds features and outcomes and asks for predictions; a VIEWER reads.
 */
const POLICY = {
  'model.create': ['ADMIN', 'ENGINEER'],
  'model.update': ['ADMIN', 'ENGINEER'],
  'model.delete': ['ADMIN', 'ENGINEER'],
  // Or whoever needs an approval could do away with the need.
  'model.setApprovalRules': ['ADMIN'],
  'version.register': ['ADMIN', 'ENGINEER'],
  'version.transition': ['ADMIN', 'ENGINEER'],
  'version.approve': ['ADMIN', 'ENGINEER'],
  'version.update': ['ADMIN', 'ENGINEER'],
  'version.delete': ['ADMIN', 'ENGINEER'],
  'artifact.upload': ['ADMIN', 'ENGINEER'],
  'artifact.download': ['ADMIN', 'ENGINEER', 'SERVICE', 'VIEWER'],
  'artifact.manage': ['ADMIN'],
  'feature.apply': ['ADMIN', 'ENGINEER'],
  'feature.ingest': ['ADMIN', 'ENGINEER', 'SERVICE'],
  'feature.materialize': ['ADMIN', 'ENGINEER', 'SERVICE'],
  'feature.compact': ['ADMIN', 'ENGINEER'],
  // What it takes cannot be brought back.
  'feature.erase': ['ADMIN'],
  'feature.quality': ['ADMIN', 'ENGINEER', 'SERVICE'],
  'dataset.create': ['ADMIN', 'ENGINEER'],
  'dataset.download': ['ADMIN', 'ENGINEER', 'SERVICE', 'VIEWER'],
  'training.start': ['ADMIN', 'ENGINEER'],
  'retraining.configure': ['ADMIN', 'ENGINEER'],
  'monitoring.configure': ['ADMIN', 'ENGINEER'],
  'monitoring.report': ['ADMIN', 'ENGINEER', 'SERVICE'],
  'alert.handle': ['ADMIN', 'ENGINEER'],
  'prediction.make': ['ADMIN', 'ENGINEER', 'SERVICE'],
  'outcome.record': ['ADMIN', 'ENGINEER', 'SERVICE'],
  'job.cancel': ['ADMIN', 'ENGINEER'],
  'token.manage': ['ADMIN'],
  'webhook.manage': ['ADMIN'],
  read: ['ADMIN', 'ENGINEER', 'SERVICE', 'VIEWER'],
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof POLICY;

/**
 * Lets the actor pass or refuses.
 * @throws Forbidden naming the roles that may
 */
export function authorize(actor: Actor, action: Action): void {
  const allowed: readonly Role[] = POLICY[action];
  if (!actor.roles.some((role) => allowed.includes(role))) throw new Forbidden(actor.name, action, allowed);
}
