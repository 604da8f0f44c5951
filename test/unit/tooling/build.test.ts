import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');
const script = path.join(root, 'scripts/build.mjs');

let tree: string;

const write = (file: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
  fs.writeFileSync(path.join(tree, file), text);
};
const read = (file: string) => fs.readFileSync(path.join(tree, file), 'utf8');
const exists = (file: string) => fs.existsSync(path.join(tree, file));
const build = () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, tree], { encoding: 'utf8' });
  return { status, stdout, stderr };
};
const outputs = () =>
  Object.fromEntries(
    fs
      .readdirSync(path.join(tree, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((file) => fs.statSync(path.join(tree, 'dist', file)).isFile())
      .map((file) => [file, read(path.join('dist', file))]),
  );

beforeEach(() => {
  tree = fs.mkdtempSync(path.join(os.tmpdir(), 'build-'));
  fs.copyFileSync(path.join(root, '.swcrc'), path.join(tree, '.swcrc'));
  write('src/main.ts', 'export const answer: number = 42;\n');
  write('src/server/page.html', '<p>');
  write('migrations/first.ts', 'export class First {}\n');
  write('test/main.test.ts', 'it;\n');
  build();
});

afterEach(() => fs.rmSync(tree, { recursive: true }));

describe('the build', () => {
  it('compiles the sources and copies the assets beside them, keeping the tree and leaving the tests out', () => {
    expect(Object.keys(outputs()).toSorted()).toEqual([
      '.settings',
      'migrations/first.js',
      'migrations/first.js.map',
      'src/main.js',
      'src/main.js.map',
      'src/server/page.html',
    ]);
    expect(read('dist/src/main.js')).toMatch(/exports[\s\S]*answer = 42;[\s\S]*sourceMappingURL=main\.js\.map/);
    expect(JSON.parse(read('dist/src/main.js.map'))).toMatchObject({ sources: ['../../src/main.ts'] });
  });

  it('is silent and writes nothing when there is nothing to do', () => {
    const inode = fs.statSync(path.join(tree, 'dist/src/main.js')).ino;
    expect(build()).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(fs.statSync(path.join(tree, 'dist/src/main.js')).ino).toBe(inode);
  });

  it('builds only what changed, also when the change is an older file', () => {
    write('src/main.ts', 'export const answer = 43;\n');
    fs.utimesSync(path.join(tree, 'src/main.ts'), 1_000_000, 1_000_000);
    expect(build().stderr).toMatch(/^build: 1 built in/);
    expect(read('dist/src/main.js')).toContain('answer = 43');
  });

  it('removes the outputs of a source that is gone', () => {
    fs.rmSync(path.join(tree, 'src/main.ts'));
    fs.rmSync(path.join(tree, 'src/server/page.html'));
    expect(build().stderr).toMatch(/^build: 0 built, 3 removed in/);
    expect(Object.keys(outputs())).not.toContain('src/main.js');
  });

  it('builds everything anew when the compiler settings change', () => {
    write('.swcrc', read('.swcrc').replace('es2023', 'es2022'));
    expect(build().stderr).toMatch(/^build: 3 built in/);
    expect(build().stderr).toBe('');
  });

  it('names the file and the line that does not compile, builds the others and fails', () => {
    write('src/broken.ts', 'const = 1;\n');
    write('src/fine.ts', 'export const fine = 1;\n');
    const { status, stderr } = build();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^src\/broken\.ts: [\s\S]*broken\.ts:1:/);
    expect(stderr).not.toContain('backtrace');
    expect(exists('dist/src/fine.js')).toBe(true);
  });

  it('gives the same outputs, and no leftovers, when several builds run at once', async () => {
    const alone = outputs();
    fs.rmSync(path.join(tree, 'dist'), { recursive: true });
    const runs = Array.from({ length: 3 }, () => spawn(process.execPath, [script, tree], { stdio: 'ignore' }));
    const codes = await Promise.all(runs.map((run) => new Promise((resolve) => run.once('exit', resolve))));
    expect(codes).toEqual([0, 0, 0]);
    expect(outputs()).toEqual(alone);
  });
});
