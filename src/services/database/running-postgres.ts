import fs from 'node:fs';
import path from 'node:path';
import { rolePassword } from './embedded-cluster';
import { APPLICATION_ROLE, DATABASE, OWNER_ROLE } from './embedded-roles';
import { isPostmasterOf, readPostmaster } from './postmaster';

/**
 * The embedded PostgreSQL that another process has running in a data directory, for a command beside the server. It belongs to that process:
 * whoever asks here does not stop it.
 * @returns null when none runs there
 */
export function findRunningPostgres(directory: string): { url: string; ownerUrl: string } | null {
  if (!fs.existsSync(directory)) return null;
  const cluster = path.join(fs.realpathSync(directory), 'postgres');
  const server = readPostmaster(cluster);
  if (!server?.ready || !isPostmasterOf(server.pid, cluster)) return null;
  const urlOf = (role: string) =>
    `postgres://${role}:${rolePassword(cluster, role)}@127.0.0.1:${server.port}/${DATABASE}`;
  return { url: urlOf(APPLICATION_ROLE), ownerUrl: urlOf(OWNER_ROLE) };
}
