import fs from 'node:fs';
import path from 'node:path';
import { lockDataDirectory } from './data-directory-lock';
import { DatabaseStartError } from './database-start-error';
import { createCluster, hasCluster, rolePassword, SUPERUSER } from './embedded-cluster';
import { APPLICATION_ROLE, DATABASE, ensureRoles, OWNER_ROLE } from './embedded-roles';
import { asSuperuser, startServer, takeOverServer, type ServerOptions } from './embedded-server';
import { choosePostgresAccount } from './postgres-account';
import { findPostgresBinaries } from './postgres-binaries';
import { signalPostmaster, stopPostmaster } from './postmaster';
import { relocateCluster, type ClusterPlace } from './relocate-cluster';

export interface EmbeddedPostgresOptions extends ServerOptions {
  /** Mooring's data directory; the cluster lies in its folder `postgres`. */
  readonly directory: string;
}

export interface EmbeddedPostgres {
  /** Connects as the application, which owns no table. */
  readonly url: string;
  /** Connects as the owner of the schema, for migrations. */
  readonly ownerUrl: string;
  /** Connects as superuser to the maintenance database. */
  readonly adminUrl: string;
  readonly port: number;
  /** Process id of the server. */
  readonly pid: number;
  /** Shuts the server down in order and gives the data directory free. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL of a data directory, or takes over the one that a killed Mooring left running there. The first start makes
 * the cluster (about a second), later ones take a tenth of that. It listens on a free loopback port and lets nobody in without a password.
 * Await it before ending the process: `stop` is then there to call.
 * @throws DatabaseStartError with one line that says what is wrong and what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    const directory = prepareDirectory(options.directory);
    const lock = await lockDataDirectory(directory);
    try {
      return await startLocked(directory, options, () => lock.release());
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw fileProblem(options.directory, error as NodeJS.ErrnoException);
  }
}

async function startLocked(
  directory: string,
  options: EmbeddedPostgresOptions,
  unlock: () => Promise<void>,
): Promise<EmbeddedPostgres> {
  const place = await prepareCluster(directory, options);
  const { cluster } = place;
  const server =
    (await takeOverServer(place, options)) ?? (await startServer(path.join(directory, 'postgres.log'), place, options));
  try {
    await asSuperuser(cluster, server.port, (admin) => ensureRoles(admin, (role) => rolePassword(cluster, role)));
  } catch (error) {
    await stopPostmaster(server.pid, cluster);
    throw error;
  }
  // An exit that skips stop(), such as a second Ctrl-C, still tells the server to shut down.
  const onExit = () => signalPostmaster(server.pid, cluster, 'SIGINT');
  process.once('exit', onExit);

  const stop = async () => {
    server.expectEnd();
    await stopPostmaster(server.pid, cluster);
    process.off('exit', onExit);
    await unlock();
  };
  let stopping: Promise<void> | undefined;
  const urlOf = (role: string, database: string) =>
    `postgres://${role}:${rolePassword(cluster, role)}@127.0.0.1:${server.port}/${database}`;
  return {
    url: urlOf(APPLICATION_ROLE, DATABASE),
    ownerUrl: urlOf(OWNER_ROLE, DATABASE),
    adminUrl: urlOf(SUPERUSER, 'postgres'),
    port: server.port,
    pid: server.pid,
    stop: () => (stopping ??= stop()),
  };
}

function prepareDirectory(wanted: string): string {
  fs.mkdirSync(wanted, { recursive: true });
  fs.accessSync(wanted, fs.constants.W_OK | fs.constants.X_OK);
  return fs.realpathSync(wanted);
}

async function prepareCluster(directory: string, options: EmbeddedPostgresOptions): Promise<ClusterPlace> {
  const binaries = findPostgresBinaries(path.join(directory, 'postgres-libraries'));
  const cluster = path.join(directory, 'postgres');
  const account = choosePostgresAccount(binaries, cluster);
  const place = account ? { cluster, binaries, account } : relocateCluster(binaries, cluster);
  if (place.cluster !== cluster) {
    options.logger.warn(`No other user than root can reach ${directory}, so PostgreSQL lives in ${place.cluster}`);
  }
  if (!hasCluster(place.cluster)) {
    options.onProgress?.('Making the database (only at the first start)');
    const durable = options.settings?.fsync !== 'off';
    await createCluster(place.cluster, place.binaries, place.account, { durable });
  }
  return place;
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it is not a directory',
  ENOTDIR: 'it is not a directory',
};

/** What goes wrong with files has one remedy; anything else is passed on. */
function fileProblem(directory: string, error: NodeJS.ErrnoException): Error {
  const problem = FILE_PROBLEMS[error.code ?? ''];
  if (problem === undefined) return error;
  return new DatabaseStartError(
    `Cannot write to ${directory}: ${problem}. Mend that, or set MOORING_DATA_DIR to a directory that you can write to.`,
    { cause: error },
  );
}
