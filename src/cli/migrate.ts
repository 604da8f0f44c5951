import type { Environment } from './serve';
import { withDatabase } from './with-database';

/** `mooring migrate`: connecting has done it, and has told of every migration on stderr. */
export function runMigrations(environment: Environment): Promise<number> {
  return withDatabase(environment, async () => {
    process.stdout.write('The database is up to date.\n');
    return 0;
  });
}
