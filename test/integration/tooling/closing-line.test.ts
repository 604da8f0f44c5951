import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const REPORTER = path.resolve(__dirname, '..', '..', 'support', 'closing-line-reporter.js');
const JEST = path.join(path.dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');

const PASSES = `it('passes', () => undefined);`;
const FAILS = `it('fails', () => { throw new Error('no'); });`;

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-jest-'));
  const config = { rootDir: directory, transform: {}, reporters: ['default', REPORTER], cacheDirectory: directory };
  fs.writeFileSync(path.join(directory, 'jest.config.js'), `module.exports = ${JSON.stringify(config)};`);
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

/** Runs Jest on the given suites; answers the last two lines of its whole output. */
function lastLines(suites: readonly string[], ...options: string[]): string[] {
  suites.forEach((text, index) => fs.writeFileSync(path.join(directory, `s${index}.test.js`), text));
  const { stdout } = spawnSync('sh', ['-c', '"$@" 2>&1', 'sh', process.execPath, JEST, '--ci', ...options], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout.trimEnd().split('\n').slice(-2);
}

describe('the very last line of a test run', () => {
  it('counts what passed and what failed, after Jest’s own summary', () => {
    expect(lastLines([PASSES + FAILS, PASSES])).toEqual(['Ran all test suites.', '2 passed, 1 failed']);
  });

  it('counts a suite that did not run as a failure', () => {
    expect(lastLines([PASSES, `throw new Error('broken');`]).at(-1)).toBe('1 passed, 1 failed');
  });

  it('names tests that were skipped or are still to be written', () => {
    expect(lastLines([`${PASSES} it.skip('later', () => undefined); it.todo('some day');`]).at(-1)).toBe(
      '1 passed, 0 failed, 2 skipped',
    );
  });

  it.each(['--bail', '--forceExit'])('is there with %s too', (option) => {
    expect(lastLines([FAILS], option).at(-1)).toBe('0 passed, 1 failed');
  });
});
