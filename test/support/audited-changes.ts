import type { DataSource } from 'typeorm';

interface Entry {
  readonly chain: string;
  readonly action: string;
  readonly subject: string;
  readonly actor: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A change, and what it leaves in the audit trail. */
export interface AuditedChange {
  /** As the API calls it; after a comma, what is special about it. */
  readonly change: string;
  run(): Promise<unknown>;
  /** Action and type of the subject of each entry that it leaves, in order. */
  readonly leaves: readonly (readonly [string, string])[];
  /** Of the last one. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The entries of all models, oldest first. */
export const modelEntries = (dataSource: DataSource): Promise<Entry[]> =>
  dataSource.query(
    `SELECT chain, action, subject, actor, details FROM audit_entries WHERE chain LIKE 'model:%' ORDER BY recorded_at, sequence`,
  );

/** Makes the change. @returns what it left, in the form of `leaves` and `details`, and the chains and actors of that */
export async function entriesLeftBy({ run }: AuditedChange, dataSource: DataSource) {
  const before = await modelEntries(dataSource);
  await run();
  const left = (await modelEntries(dataSource)).slice(before.length);
  return {
    leaves: left.map(({ action, subject }) => [action, subject.split(':')[0]]),
    details: left.at(-1)?.details ?? {},
    chains: [...new Set(left.map(({ chain }) => chain))],
    actors: [...new Set(left.map(({ actor }) => actor))],
  };
}
