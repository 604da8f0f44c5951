import type { AuditEntry } from '../entities';
import type { AuditHistory } from '../services/registry';
import { type HeadLine, readHeads } from './audit-heads';
import { writeLines } from './line-output';
import type { Environment } from './serve';
import { withDatabase } from './with-database';

const PROGRESS_EVERY = 1000;

/**
 * `mooring audit verify`: recomputes hash chains, and exits with 1 when one is broken.
 * @param model its chain only; null: every model's, and the platform's
 * @param against a file that `audit head` or `audit export` wrote; null: none
 * @throws InvalidInput when that file is something else
 */
export async function verifyAudit(
  environment: Environment,
  model: string | null,
  against: string | null,
): Promise<number> {
  const kept = against === null ? new Map<string, HeadLine>() : await readHeads(against);
  return withDatabase(environment, async ({ auditHistory }) => {
    let broken = 0;
    for (const { chain, label } of await chainsToVerify(auditHistory, model, kept)) {
      const { valid, head, message } = await auditHistory.verifyChain(chain, kept.get(chain));
      if (!valid) broken += 1;
      const headNote = head === null ? '' : `  head ${head}`;
      process.stdout.write(`${valid ? 'valid ' : 'BROKEN'}  ${label}: ${message}${headNote}\n`);
    }
    return broken === 0 ? 0 : 1;
  });
}

/** Those of the file too: of a chain that was removed whole nothing else is left. */
async function chainsToVerify(history: AuditHistory, model: string | null, kept: ReadonlyMap<string, HeadLine>) {
  if (model !== null) return [await history.chainOfModel(model)];
  const chains = await history.chains();
  const known = new Set(chains.map(({ chain }) => chain));
  return [
    ...chains,
    ...[...kept.keys()].filter((chain) => !known.has(chain)).map((chain) => ({ chain, label: chain })),
  ];
}

/** `mooring audit head`: the end of every chain, one JSON object a line. Kept elsewhere, they prove later that nothing was cut off or rewritten. */
export function printHeads(environment: Environment): Promise<number> {
  return withDatabase(environment, async ({ auditHistory }) => {
    for (const { chain, sequence, hash } of await auditHistory.heads()) {
      const line: HeadLine = { chain, sequence, hash: hash.toString('hex') };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
    return 0;
  });
}

/**
 * `mooring audit export`: every entry, chain by chain and in order, one JSON object a line.
 * @param model its chain only; null: all
 * @param file written when all of it is there; null: stdout
 */
export function exportAudit(environment: Environment, model: string | null, file: string | null): Promise<number> {
  return withDatabase(environment, async ({ auditHistory }) => {
    const count = await writeLines(file, entryLines(auditHistory.stream(model)));
    if (file !== null) process.stderr.write(`Exported ${count} entries to ${file}\n`);
    return 0;
  });
}

async function* entryLines(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string, void, void> {
  const isWatched = process.stderr.isTTY;
  let count = 0;
  for await (const entry of entries) {
    yield JSON.stringify(entryLine(entry));
    count += 1;
    if (isWatched && count % PROGRESS_EVERY === 0) process.stderr.write(`\r${count} entries`);
  }
  if (isWatched && count >= PROGRESS_EVERY) process.stderr.write('\r\u001b[K');
}

/** All that is hashed, and the hashes in hexadecimal: whoever has the file can recompute the chain. */
const entryLine = ({ previousHash, hash, recordedAt, ...entry }: AuditEntry) => ({
  chain: entry.chain,
  sequence: entry.sequence,
  recordedAt: recordedAt.toISOString(),
  actor: entry.actor,
  action: entry.action,
  subject: entry.subject,
  details: entry.details,
  requestId: entry.requestId,
  previousHash: previousHash.toString('hex'),
  hash: hash.toString('hex'),
});
