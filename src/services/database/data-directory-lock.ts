import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { DatabaseStartError } from './database-start-error';

export interface DataDirectoryLock {
  release(): Promise<void>;
}

const PID_FILE = 'mooring.pid';

/**
 * Claims a data directory for this process. The kernel holds the lock, so it ends with the process however that ends, and a reused process id
 * means nothing to it; the pid file only serves the message to whoever comes second.
 * @param directory an existing, writable directory
 * @throws DatabaseStartError when another process holds it
 */
export async function lockDataDirectory(directory: string): Promise<DataDirectoryLock> {
  const unlock = process.platform === 'linux' ? await listenForLock(directory) : openForLock(directory);
  if (!unlock) throw new DatabaseStartError(takenMessage(directory));
  const pidFile = path.join(directory, PID_FILE);
  try {
    fs.writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    await unlock();
    throw error;
  }
  return {
    async release() {
      fs.rmSync(pidFile, { force: true });
      await unlock();
    },
  };
}

type Unlock = () => Promise<void>;

/** Node has no flock. An abstract socket is bound by one process at a time and has no file that could be left behind. */
function listenForLock(directory: string): Promise<Unlock | null> {
  // Device and inode name the directory under every path that leads to it.
  const { dev, ino } = fs.statSync(directory, { bigint: true });
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen({ path: `\0mooring-${dev}-${ino}`, exclusive: true }, () =>
      resolve(() => new Promise((closed) => server.close(() => closed()))),
    );
    server.unref();
  });
}

/** open(2) itself can lock on macOS (O_EXLOCK) and Windows (libuv's UV_FS_O_EXLOCK: share nothing). */
function openForLock(directory: string): Unlock | null {
  const { O_RDWR, O_CREAT, O_NONBLOCK } = fs.constants;
  const exclusive = process.platform === 'win32' ? 0x1000_0000 : 0x20 | O_NONBLOCK;
  try {
    const file = fs.openSync(path.join(directory, 'mooring.lock'), O_RDWR | O_CREAT | exclusive, 0o600);
    return async () => fs.closeSync(file);
  } catch (error) {
    if (['EAGAIN', 'EWOULDBLOCK', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function takenMessage(directory: string): string {
  const file = path.join(directory, PID_FILE);
  const pid = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
  const holder = pid ? `Another Mooring (process ${pid})` : 'Another Mooring';
  const stop = pid ? `Stop it (kill ${pid})` : 'Stop it';
  return `${holder} is using ${directory}. ${stop}, or set MOORING_DATA_DIR to another directory.`;
}
