/** The append-only, hash-chained record of every change that matters, its verification and its export. */
export { type ChainEnd, chainOf, modelOfChain } from './audit-chain';
export { type AuditFilter, AuditReader } from './audit-reader';
export { AuditTrail, type AuditVerification, type NewAuditEntry } from './audit-trail';
