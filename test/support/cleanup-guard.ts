import { spawn } from 'node:child_process';
import { type Socket } from 'node:net';

export interface CleanupGuard {
  /** The process has ended by itself: its id may be a stranger's soon. */
  processEnded(): void;
  /** Does its work now, instead of at the end of this process. */
  cleanUp(): Promise<void>;
}

export interface GuardOptions {
  /** A process, or by its negative id a group of them, that must not outlive this one. */
  readonly pid?: number;
  readonly keepDirectory?: boolean;
}

/** Arguments: the data directory, a process id or nothing, `keep` or `remove`. */
const SCRIPT = `
  pid="$2"
  while read -r word; do pid=""; done
  [ -n "$pid" ] && kill -KILL "$pid" 2> /dev/null
  lock="$1/postgres/postmaster.pid"
  [ -e "$lock" ] && kill -INT "$(head -n 1 "$lock")" 2> /dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -e "$lock" ] || break; sleep 0.2; done
  [ "$3" = keep ] || rm -rf "$1"
`;

/**
 * A small shell that waits for the end of this process and then ends the given process and the embedded PostgreSQL of the data directory, and
 * removes the directory. It lives in a session of its own and notices the end by a closed pipe, so that neither Ctrl-C nor kill -9 of a test
 * run leaves anything behind.
 */
export function guardCleanup(directory: string, { pid, keepDirectory = false }: GuardOptions = {}): CleanupGuard {
  const args = [directory, String(pid ?? ''), keepDirectory ? 'keep' : 'remove'];
  const child = spawn('sh', ['-c', SCRIPT, 'sh', ...args], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  child.unref();
  (child.stdin as Socket).unref();
  // Nobody reads any more once the shell is gone.
  child.stdin.on('error', () => undefined);
  return {
    processEnded() {
      if (child.stdin.writable) child.stdin.write('ended\n');
    },
    async cleanUp() {
      child.ref();
      child.stdin.end();
      await gone;
    },
  };
}
