import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const script = path.resolve(__dirname, '../../../scripts/sum-counts.mjs');

/** @param runs name of each run → its exit code and what it printed */
function sum(runs: Readonly<Record<string, readonly [status: number, log: string]>>) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'sum-counts-'));
  try {
    for (const [name, [status, log]] of Object.entries(runs)) {
      fs.writeFileSync(path.join(directory, `${name}.log`), log);
      fs.writeFileSync(path.join(directory, `${name}.status`), `${status}\n`);
    }
    const { stdout, status } = spawnSync(process.execPath, [script, directory], { encoding: 'utf8' });
    return { closing: stdout.trimEnd().split('\n').at(-1), status, stdout };
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

describe('the sum over all suites', () => {
  it('adds up the closing lines, whether plain, named or coloured', () => {
    const runs = {
      tests: [0, 'PASS a\n\n10 passed, 0 failed\n'],
      integration: [0, '\u001b[1m5 passed, 0 failed, 2 skipped\u001b[22m\r\nnpm notice\n'],
      checks: [0, 'checks: 7 passed, 0 failed'],
    } as const;
    expect(sum(runs)).toMatchObject({ closing: '22 passed, 0 failed', status: 0 });
  });

  it('fails when one suite fails', () => {
    expect(sum({ a: [0, '3 passed, 0 failed'], b: [1, '1 passed, 2 failed'] })).toMatchObject({
      closing: '4 passed, 2 failed',
      status: 1,
    });
  });

  it('takes the last closing line of a log, and no line that only resembles one', () => {
    const log = '1 passed, 9 failed\n3 passed, 0 failed\nwe saw 5 passed, 5 failed before\n';
    expect(sum({ a: [0, log] })).toMatchObject({ closing: '3 passed, 0 failed', status: 0 });
  });

  it('counts a run that died without a count as one failure, and says how it ended', () => {
    const { closing, status, stdout } = sum({ a: [137, 'Killed\n'], b: [0, '3 passed, 0 failed'] });
    expect({ closing, status }).toEqual({ closing: '3 passed, 1 failed', status: 1 });
    expect(stdout).toContain('a: 0 passed, 1 failed (it ended with 137 and without a count)');
  });

  it('believes the exit code where a closing line hides a failure', () => {
    expect(sum({ a: [1, '3 passed, 0 failed'] })).toMatchObject({ closing: '3 passed, 1 failed', status: 1 });
  });

  it('does not take silence for success', () => {
    expect(sum({ a: [0, '0 passed, 0 failed'] })).toMatchObject({ closing: '0 passed, 1 failed', status: 1 });
    expect(sum({})).toMatchObject({ closing: '0 passed, 1 failed', status: 1 });
  });
});
