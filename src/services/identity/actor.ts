import type { ActorRef, Role } from '../../entities';

/** Who acts, in which request, and what he may do. */
export interface Actor extends ActorRef {
  readonly roles: readonly Role[];
}

/** Names that begin so belong to Mooring itself; a token cannot carry one, or a person could sign as the server in the audit trail. */
export const SYSTEM_PREFIX = 'system:';

/**
 * Mooring itself: a trigger, a worker, the command line of whoever runs it.
 * @param name what acts, for example 'system:drift-trigger'
 * @param requestId of what set it off, so that the trail leads back
 */
export const systemActor = (name: string, requestId: string): Actor => ({ name, requestId, roles: ['ADMIN'] });

/** Everybody on this machine, when no tokens are asked for: an administrator. Given out on a loopback address only. */
export const developmentActor = (requestId: string): Actor => ({ name: 'development', requestId, roles: ['ADMIN'] });
