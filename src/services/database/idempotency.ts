import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type DataSource, type EntityManager } from 'typeorm';
import { IdempotencyKeyReused, InvalidInput } from '../../errors';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export interface IdempotentRequest {
  readonly actor: string;
  /** The mutation's name. */
  readonly mutation: string;
  /** The caller's key; absent: the request is not protected. */
  readonly key: string | null | undefined;
  /** The mutation's input: JSON, in which undefined members and Dates may stand. */
  readonly input: unknown;
}

const KEPT = `interval '24 hours'`;
const LONGEST_KEY = 255;

/**
 * Does the work once per (actor, mutation, key) within 24 hours and answers repetitions with the first answer. The answer is noted in the
 * transaction of the work, so both are there or neither. A concurrent twin waits for the first one's end, and does the work if that failed.
 * @param manager of the transaction in which the work writes
 * @param work answers a small JSON value: the ids of what it made, not entities
 * @throws IdempotencyKeyReused when the key came with another input, by the SHA-256 of its canonical JSON (RFC 8785)
 */
export async function idempotent<T extends JsonValue>(
  manager: EntityManager,
  { actor, mutation, key, input }: IdempotentRequest,
  work: () => Promise<T>,
): Promise<T> {
  if (key === null || key === undefined) return work();
  if (!manager.queryRunner?.isTransactionActive) throw new Error('idempotent() needs the manager of a transaction');
  if (key === '' || key.length > LONGEST_KEY) {
    throw new InvalidInput('input.idempotencyKey', `must have 1 to ${LONGEST_KEY} characters; a UUID is a good key`);
  }
  const request = [actor, mutation, key];
  const inputHash = createHash('sha256')
    .update(canonicalize(input) ?? '')
    .digest();

  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [JSON.stringify(request)]);
  await manager.query(
    `DELETE FROM idempotency_keys WHERE actor = $1 AND mutation = $2 AND key = $3 AND created_at < now() - ${KEPT}`,
    request,
  );
  const [known] = await manager.query<{ input_hash: Buffer; response: T }[]>(
    'SELECT input_hash, response FROM idempotency_keys WHERE actor = $1 AND mutation = $2 AND key = $3',
    request,
  );
  if (known && !known.input_hash.equals(inputHash)) throw new IdempotencyKeyReused(key);
  if (known) return known.response;

  const response = await work();
  // Under REPEATABLE READ and SERIALIZABLE the snapshot is older than the wait for the lock and hides the twin's row. Then DO NOTHING raises
  // 40001, and inTransaction tries again; DO UPDATE, or no clause, would do the work twice or fail with a unique violation.
  await manager.query(
    `INSERT INTO idempotency_keys (actor, mutation, key, input_hash, response) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (actor, mutation, key) DO NOTHING`,
    [...request, inputHash, JSON.stringify(response)],
  );
  return response;
}

/** Forgets the answers that are older than 24 hours. @returns how many */
export async function pruneIdempotencyKeys(database: DataSource | EntityManager): Promise<number> {
  const [, count] = await database.query<[unknown[], number]>(
    `DELETE FROM idempotency_keys WHERE created_at < now() - ${KEPT}`,
  );
  return count;
}
