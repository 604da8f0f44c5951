/** Who may do what: actors and their roles, bearer tokens, and the one policy table that every service asks. */
export type { Role } from '../../entities';
export { type Actor, developmentActor, systemActor } from './actor';
export { type Action, authorize } from './policy';
export { type NewToken, TokenService } from './token-service';
