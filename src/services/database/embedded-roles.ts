import { type Client, escapeIdentifier, escapeLiteral } from 'pg';

/** Owns the schema and migrates. */
export const OWNER_ROLE = 'mooring_owner';
/** The application: it reads and writes rows and owns nothing, so that it cannot lift the triggers that protect the audit trail. */
export const APPLICATION_ROLE = 'mooring';
export const DATABASE = 'mooring';

/**
 * Makes the two roles and the database where they are missing.
 * @param admin connected as superuser
 */
export async function ensureRoles(admin: Client, passwordOf: (role: string) => string): Promise<void> {
  for (const role of [OWNER_ROLE, APPLICATION_ROLE]) {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (rowCount) continue;
    await admin.query(`CREATE ROLE ${escapeIdentifier(role)} LOGIN PASSWORD ${escapeLiteral(passwordOf(role))}`);
  }
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (!rowCount) await admin.query(`CREATE DATABASE ${DATABASE} OWNER ${OWNER_ROLE}`);
}

export interface ServerIdentity {
  readonly dataDirectory: string;
  readonly clusterName: string;
}

/** What the server says it is: the guard against taking a stranger's for ours. */
export async function identify(admin: Client): Promise<ServerIdentity> {
  const { rows } = await admin.query<ServerIdentity>(
    `SELECT current_setting('data_directory') AS "dataDirectory", current_setting('cluster_name') AS "clusterName"`,
  );
  const [identity] = rows;
  if (!identity) throw new Error('PostgreSQL answered no row for its settings');
  return identity;
}

/** Ends what a killed process left running, with the locks that it holds. */
export async function endOtherSessions(admin: Client): Promise<void> {
  await admin.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
}
