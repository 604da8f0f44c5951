import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseStartError } from './database-start-error';
import { plainAccount, unprivilegedAccount, type PostgresAccount } from './postgres-account';
import { preparePostgresBinaries, type PostgresBinaries } from './postgres-binaries';

export interface ClusterPlace {
  readonly cluster: string;
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount;
}

/**
 * The last resort for root under a closed parent where neither setpriv nor unshare works: binaries and data in a folder of their own that an
 * unprivileged account can reach, under a name that follows from the place where they should have been.
 * @param root a persistent folder that everybody may enter
 * @throws DatabaseStartError when there is data at the closed place already (two copies would drift apart), or the folder cannot be written
 */
export function relocateCluster(binaries: PostgresBinaries, cluster: string, root = '/var/lib'): ClusterPlace {
  if (fs.existsSync(cluster)) {
    throw new DatabaseStartError(
      `PostgreSQL does not run as root and cannot reach ${cluster} as another user; install setpriv (util-linux), or open the folders above it with chmod o+x.`,
    );
  }
  const owner = unprivilegedAccount();
  const home = path.join(root, `mooring-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`);
  const native = path.join(home, 'native');
  try {
    fs.mkdirSync(home, { recursive: true, mode: 0o755 });
    // Complete once renamed; a copy of other binaries (an update of Mooring) is replaced.
    if (!sameFile(path.join(native, 'bin', 'postgres'), binaries.postgres)) {
      const copy = `${native}.new`;
      fs.rmSync(copy, { recursive: true, force: true });
      fs.cpSync(binaries.native, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      fs.rmSync(native, { recursive: true, force: true });
      fs.renameSync(copy, native);
    }
  } catch (error) {
    throw new DatabaseStartError(
      `PostgreSQL does not run as root, cannot reach ${cluster} as another user, and cannot be copied to ${home} (${(error as Error).message}); start Mooring as an ordinary user or set DATABASE_URL.`,
      { cause: error },
    );
  }
  return {
    cluster: path.join(home, 'postgres'),
    binaries: preparePostgresBinaries(native, path.join(home, 'libraries')),
    account: plainAccount(owner),
  };
}

function sameFile(copy: string, original: string): boolean {
  const copied = fs.statSync(copy, { throwIfNoEntry: false });
  const { size, mtimeMs } = fs.statSync(original);
  return copied?.size === size && Math.round(copied.mtimeMs) === Math.round(mtimeMs);
}
