import { randomUUID } from 'node:crypto';
import { readConfig } from '../config';
import { type Database, openDatabase } from '../container';
import { createLogger } from '../logger';
import { type Actor, systemActor } from '../services/identity';
import { runUntilSignal } from './run-until-signal';
import type { Environment } from './serve';

/** Runs a command on the database itself, as whoever has the right to start a server there: the command line is its own administrator. */
export function withDatabase(
  environment: Environment,
  work: (database: Database, actor: Actor) => Promise<number>,
): Promise<number> {
  const config = readConfig({ ...environment, MOORING_LOG_LEVEL: environment.MOORING_LOG_LEVEL || 'warn' });
  const logger = createLogger(config.logLevel);
  return runUntilSignal(logger, async (lifetime) => {
    const onProgress = (message: string) => void process.stderr.write(`${message}\n`);
    const database = await openDatabase(config, { logger, onProgress });
    lifetime.onStop(() => database.stop());
    return work(database, systemActor('system:command-line', randomUUID()));
  });
}
