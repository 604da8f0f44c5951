import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { migrate } from '../../src/services/database';
import { createLogger } from '../../src/logger';

/** What a test run has on its PostgreSQL server. Everything is named after the run, so that several runs can share a server. */
export interface TestRun {
  /** Superuser, on the maintenance database. */
  readonly adminUrl: string;
  /** Prefix of all databases and roles of the run. */
  readonly prefix: string;
  readonly password: string;
}

/** Where the global set-up leaves the run for the test processes, which inherit the environment. */
const VARIABLE = 'MOORING_TEST_RUN';
const PREFIX = 'mooring_test_';

export const ownerRole = (run: TestRun): string => `${run.prefix}_owner`;
export const applicationRole = (run: TestRun): string => `${run.prefix}_app`;
export const templateDatabase = (run: TestRun): string => `${run.prefix}_template`;

export function publishRun(run: TestRun): void {
  process.env[VARIABLE] = JSON.stringify(run);
}

export function currentRun(): TestRun {
  const text = process.env[VARIABLE];
  if (text === undefined)
    throw new Error('There is no test server: the global set-up of the integration project makes it');
  return JSON.parse(text) as TestRun;
}

/** The run's server as one of its roles, in one of its databases. */
export function urlOf(run: TestRun, role: string, database: string): string {
  const url = new URL(run.adminUrl);
  url.username = role;
  url.password = run.password;
  url.pathname = `/${database}`;
  return url.toString();
}

export async function withAdmin<T>(adminUrl: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/**
 * Announces a run on a server by a session that lasts as long as the run, removes what dead runs left, makes the roles and the migrated
 * template.
 * @returns the run, and what ends it: everything of it is dropped
 */
export async function beginRun(adminUrl: string): Promise<{ run: TestRun; end: () => Promise<void> }> {
  const prefix = `${PREFIX}${randomBytes(4).toString('hex')}`;
  const run: TestRun = { adminUrl, prefix, password: randomBytes(16).toString('hex') };
  const session = new Client({ connectionString: adminUrl, application_name: prefix });
  await session.connect();
  const end = async () => {
    await dropEverythingOf(prefix, session);
    await session.end();
  };
  try {
    for (const dead of await deadRuns(session)) await dropEverythingOf(dead, session);
    for (const role of [ownerRole(run), applicationRole(run)]) {
      await session.query(`CREATE ROLE ${role} LOGIN PASSWORD '${run.password}'`);
    }
    await session.query(`CREATE DATABASE ${templateDatabase(run)} OWNER ${ownerRole(run)}`);
    await migrate({
      ownerUrl: urlOf(run, ownerRole(run), templateDatabase(run)),
      appRole: applicationRole(run),
      logger: createLogger('warn'),
    });
    return { run, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Prefixes of runs that left databases or roles and whose session is gone. */
async function deadRuns(admin: Client): Promise<string[]> {
  const { rows } = await admin.query<{ prefix: string }>(
    `SELECT DISTINCT substring(name FROM '^${PREFIX}[0-9a-f]{8}') AS prefix
     FROM (SELECT datname AS name FROM pg_database UNION ALL SELECT rolname FROM pg_roles) AS named
     WHERE name ~ '^${PREFIX}[0-9a-f]{8}'
     EXCEPT SELECT application_name FROM pg_stat_activity`,
  );
  return rows.map(({ prefix }) => prefix);
}

async function dropEverythingOf(prefix: string, admin: Client): Promise<void> {
  const databases = await admin.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)`,
    [prefix],
  );
  for (const { name } of databases.rows) await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  const roles = await admin.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE starts_with(rolname, $1)`,
    [prefix],
  );
  for (const { name } of roles.rows) await admin.query(`DROP ROLE IF EXISTS ${name}`);
}
