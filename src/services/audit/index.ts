/** The append-only, hash-chained record of every change that matters, and its verification. */
export { AuditTrail, type AuditVerification, type NewAuditEntry } from './audit-trail';
