import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findPostgresBinaries, preparePostgresBinaries } from '../../../src/services/database/postgres-binaries';

let directory: string;
let native: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-binaries-'));
  native = path.join(directory, 'package', 'native');
  fs.mkdirSync(path.join(native, 'lib'), { recursive: true });
  fs.writeFileSync(path.join(native, 'lib', 'libpq.so.5.18'), 'a library');
  fs.writeFileSync(
    path.join(native, 'pg-symlinks.json'),
    JSON.stringify([
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so' },
      { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
    ]),
  );
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

const read = (...names: string[]) => fs.readFileSync(path.join(directory, ...names), 'utf8');

/** Root may write everywhere, so it puts on another user for the moment. */
function asSomebodyElse<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('the links between PostgreSQL’s libraries', () => {
  it('are made inside the package, as often as one likes', () => {
    for (let times = 0; times < 3; times += 1) {
      expect(preparePostgresBinaries(native, path.join(directory, 'links')).environment).toEqual({});
    }
    expect(read('package', 'native', 'lib', 'libpq.so.5')).toBe('a library');
    expect(fs.readlinkSync(path.join(native, 'lib', 'libpq.so'))).toBe('libpq.so.5.18');
    expect(fs.existsSync(path.join(directory, 'links'))).toBe(false);
  });

  it('are made anew where they lead nowhere', () => {
    fs.symlinkSync('/nowhere', path.join(native, 'lib', 'libpq.so'));
    preparePostgresBinaries(native, path.join(directory, 'links'));
    expect(read('package', 'native', 'lib', 'libpq.so')).toBe('a library');
  });

  it('are made elsewhere, and told to the programs, when the package cannot be written', () => {
    const links = path.join(directory, 'links');
    fs.mkdirSync(links);
    fs.chmodSync(directory, 0o755);
    fs.chmodSync(links, 0o777);
    fs.chmodSync(path.join(native, 'lib'), 0o555);
    for (let times = 0; times < 2; times += 1) {
      const { environment } = asSomebodyElse(() => preparePostgresBinaries(native, links));
      expect(Object.values(environment)).toEqual([`${links}${path.delimiter}${path.join(native, 'lib')}`]);
    }
    expect(read('links', 'libpq.so.5')).toBe('a library');
    expect(fs.readdirSync(path.join(native, 'lib'))).toEqual(['libpq.so.5.18']);
    fs.chmodSync(path.join(native, 'lib'), 0o755);
  });
});

describe('PostgreSQL’s binaries', () => {
  it('are found for this machine', () => {
    const { initdb, postgres } = findPostgresBinaries(path.join(directory, 'links'));
    expect([initdb, postgres].map((file) => fs.existsSync(file))).toEqual([true, true]);
  });

  it('are said to be missing on a platform that has none, or has them not installed', () => {
    expect(() => findPostgresBinaries(directory, 'aix', 'ppc64')).toThrow(
      'There is no embedded PostgreSQL for aix-ppc64; set DATABASE_URL to a PostgreSQL 15 or later.',
    );
    const other = process.platform === 'win32' ? 'darwin' : 'win32';
    expect(() => findPostgresBinaries(directory, other, 'x64')).toThrow(/is not installed; run "npm ci" without/);
  });
});
