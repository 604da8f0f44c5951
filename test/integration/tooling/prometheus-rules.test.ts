import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DEPLOY, hasPrometheus } from '../../support/prometheus-server';

/** Skipped visibly where Debian's package `prometheus`, or another one with promtool, is not installed. */
const withPrometheus = hasPrometheus() ? describe : describe.skip;

const filesIn = (folder: string): string[] => fs.readdirSync(folder).map((file) => path.join(folder, file));

/** @returns what promtool says, behind its exit code */
function promtool(...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

withPrometheus('deploy/prometheus, as promtool sees it,', () => {
  const folder = path.join(DEPLOY, 'prometheus');
  const tests = filesIn(path.join(folder, 'tests'));

  it('has a configuration that finds its rules', () => {
    const { code, output } = promtool('check', 'config', path.join(folder, 'prometheus.yml'));
    expect([code, output]).toEqual([0, expect.stringContaining('2 rule files found')]);
  });

  it('has rules that parse, and nothing that its linter minds', () => {
    const { code, output } = promtool('check', 'rules', '--lint=all', '--lint-fatal', ...filesIn(`${folder}/rules`));
    expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  it('has rules that do what their tests say', () => {
    const { code, output } = promtool('test', 'rules', ...tests);
    expect([code, output.match(/SUCCESS/g)?.length]).toEqual([0, tests.length]);
  });

  it.each([
    ['alerts.yml', '{model_name!="(unknown)"}', ''],
    ['alerts.yml', '> 0.01', '> 0.5'],
    ['alerts.yml', 'max by (job) (mooring_outbox_relay_lag_seconds)', 'mooring_outbox_relay_lag_seconds'],
    ['alerts.yml', 'unless (', 'and ('],
    ['recording.yml', 'or 0 * model:mooring_predictions:rate5m', ''],
  ])('has tests that see a mistake in %s: %s', (file, right, wrong) => {
    const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-rules-'));
    fs.cpSync(folder, copy, { recursive: true });
    const rules = path.join(copy, 'rules', file);
    const text = fs.readFileSync(rules, 'utf8');
    expect(text).toContain(right);
    fs.writeFileSync(rules, text.replace(right, wrong));
    const { code, output } = promtool('test', 'rules', ...filesIn(path.join(copy, 'tests')));
    fs.rmSync(copy, { recursive: true });
    expect([code, output]).toEqual([1, expect.stringContaining('FAILED')]);
  });
});
