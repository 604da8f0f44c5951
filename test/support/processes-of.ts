import fs from 'node:fs';

/** The living processes that work on a data directory: servers, what they started, and PostgreSQL. Linux tells; elsewhere there seem to be none. */
export function processesOf(dataDirectory: string): string[] {
  if (process.platform !== 'linux') return [];
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const words = (file: string) => readText(`/proc/${pid}/${file}`).split('\0');
      return (
        words('environ').includes(`MOORING_DATA_DIR=${dataDirectory}`) ||
        words('cmdline').includes(`${dataDirectory}/postgres`)
      );
    });
}

/** Of a process that may be gone by now, or another user's. */
function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
