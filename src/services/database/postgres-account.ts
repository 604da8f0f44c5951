import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseStartError } from './database-start-error';
import { type PostgresBinaries } from './postgres-binaries';

/** As whom the PostgreSQL programs run. They refuse root, so for root this is another account. */
export interface PostgresAccount {
  /** The user whom the cluster's files must belong to; null: whoever runs this process. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  /** The command that is put in front of the program's own. */
  readonly prefix: readonly string[];
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

/** Debian's, Fedora's and Alpine's `nobody`. initdb wants an account that /etc/passwd knows. */
const NOBODY = 65534;

/**
 * Chooses the first way to run the programs that works here.
 * @param cluster the data directory, which may not exist yet; one that exists keeps its owner
 * @returns null when this is root and no way leads an unprivileged account to the binaries and the data
 * @throws DatabaseStartError when an ordinary user meets a cluster of another user
 */
export function choosePostgresAccount(binaries: PostgresBinaries, cluster: string): PostgresAccount | null {
  const existing = fs.statSync(cluster, { throwIfNoEntry: false });
  if (process.getuid?.() !== 0) {
    if (existing && process.getuid && existing.uid !== process.getuid()) {
      throw new DatabaseStartError(
        `${cluster} belongs to another user (uid ${existing.uid}); start Mooring as that user or as root, or set MOORING_DATA_DIR to another directory.`,
      );
    }
    return { owner: null, prefix: [], identity: {} };
  }
  const owner = existing ? { uid: existing.uid, gid: existing.gid } : unprivilegedAccount();
  const parent = path.dirname(cluster);
  const ways = [
    owner.uid !== 0 && isOpenTo(owner.uid, binaries.native) && isOpenTo(owner.uid, parent) && plainAccount(owner),
    owner.uid !== 0 && accountThroughClosedParents(owner),
    (owner.uid === 0 || !existing) && accountOfUserNamespace(),
  ];
  return ways.find((way) => way !== false && canRun(binaries, way)) || null;
}

/** The account of a process that is root and owns nothing yet. */
export function unprivilegedAccount(): { uid: number; gid: number } {
  const accounts = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const account = accounts.find(({ uid }) => uid === NOBODY) ?? accounts.find(({ name }) => name === 'nobody');
  if (!account) {
    throw new DatabaseStartError(
      'PostgreSQL does not run as root, and /etc/passwd has no account "nobody" to run it as; start Mooring as an ordinary user or set DATABASE_URL.',
    );
  }
  return { uid: account.uid, gid: account.gid };
}

export function plainAccount(owner: { uid: number; gid: number }): PostgresAccount {
  return { owner, prefix: [], identity: owner };
}

/**
 * Under a parent that only root may enter, the account keeps one capability: to pass permission checks on files. Without the securebit
 * access(2) would drop it, since the real user is not root.
 */
function accountThroughClosedParents(owner: { uid: number; gid: number }): PostgresAccount {
  const only = '-all,+dac_override';
  // prettier-ignore
  const prefix = [
    'setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', '--securebits=+no_setuid_fixup',
    `--inh-caps=${only}`, `--ambient-caps=${only}`, `--bounding-set=${only}`,
  ];
  return { owner, prefix, identity: {} };
}

/** Root itself, called nobody inside a user namespace: the files stay root's. */
function accountOfUserNamespace(): PostgresAccount {
  const prefix = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
  return { owner: { uid: 0, gid: 0 }, prefix, identity: {} };
}

/** Whether a user may enter every folder on the way, judged by the permission bits. */
function isOpenTo(uid: number, folder: string): boolean {
  const { mode, uid: owner } = fs.statSync(folder);
  if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return false;
  const parent = path.dirname(folder);
  return parent === folder || isOpenTo(uid, parent);
}

function canRun(binaries: PostgresBinaries, account: PostgresAccount): boolean {
  const { file, args, options } = asAccount(account, binaries, binaries.postgres, ['--version']);
  return spawnSync(file, args, { ...options, stdio: 'ignore' }).status === 0;
}

/**
 * How to spawn a program as the account: in a session of its own, so that Ctrl-C in the terminal reaches Mooring alone, which drains and then
 * stops it. The environment is small on purpose: PGDATA, PGOPTIONS and kin would change what PostgreSQL does.
 */
export function asAccount(account: PostgresAccount, binaries: PostgresBinaries, program: string, args: string[]) {
  const [file = program, ...rest] = [...account.prefix, program, ...args];
  const { PATH, SystemRoot } = process.env;
  const env: NodeJS.ProcessEnv = { PATH, SystemRoot, LC_ALL: 'C', TZ: 'UTC', ...binaries.environment };
  // The account may not be allowed into the current directory.
  return { file, args: rest, options: { ...account.identity, cwd: '/', env, detached: true, windowsHide: true } };
}
