import fs from 'node:fs';
import path from 'node:path';

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const file = path.resolve(__dirname, '../../../package-lock.json');
const { packages } = JSON.parse(fs.readFileSync(file, 'utf8')) as { packages: Record<string, Locked> };

describe('the lock file', () => {
  it('holds every optional package of every platform, since npm 11 refuses it otherwise and other platforms would lack theirs', () => {
    const names = new Set(
      Object.keys(packages).map((folder) => folder.slice(folder.lastIndexOf('node_modules/') + 13)),
    );
    const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies)
        .filter(([name]) => !names.has(name))
        .map(([name, version]) => `${folder || 'package.json'} wants ${name} ${version}`),
    );
    expect(missing).toEqual([]);
  });

  it('names no address, so that it installs from whichever registry a user has', () => {
    const addresses = Object.values(packages).flatMap(({ resolved }) => (resolved === undefined ? [] : [resolved]));
    expect(addresses).toEqual([]);
  });
});
