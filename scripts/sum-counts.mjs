/**
 * Sums the closing lines of test runs: `node scripts/sum-counts.mjs DIRECTORY`, where each run left NAME.log and NAME.status (its exit code).
 * Prints a line per run and, last, `N passed, N failed` over all of them; exits with 1 unless every run passed. A run that ended without a
 * closing line, or failed although its closing line says otherwise, counts as one failure: a crash must not look like a success.
 */
import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const CLOSING_LINE = /^(?:\w+: )?(\d+) passed, (\d+) failed(?:, \d+ skipped)?$/;

function readRun(directory, name) {
  const log = stripVTControlCharacters(fs.readFileSync(path.join(directory, `${name}.log`), 'utf8'));
  const status = fs.readFileSync(path.join(directory, `${name}.status`), 'utf8').trim();
  const closing = log
    .split(/\r?\n/)
    .map((line) => CLOSING_LINE.exec(line.trim()))
    .findLast((match) => match !== null);
  if (!closing) return { name, passed: 0, failed: 1, remark: `ended with ${status} and without a count` };
  const [passed, failed] = closing.slice(1).map(Number);
  if (status !== '0' && failed === 0)
    return { name, passed, failed: 1, remark: `counted no failure and ended with ${status}` };
  if (passed + failed === 0) return { name, passed, failed: 1, remark: 'ran nothing' };
  return { name, passed, failed, remark: '' };
}

const [directory] = process.argv.slice(2);
const runs = fs
  .readdirSync(directory)
  .filter((file) => file.endsWith('.status'))
  .map((file) => readRun(directory, path.basename(file, '.status')));

for (const { name, passed, failed, remark } of runs) {
  console.log(`  ${name}: ${passed} passed, ${failed} failed${remark && ` (it ${remark})`}`);
}
const sum = (field) => runs.reduce((total, run) => total + run[field], 0);
const failed = runs.length === 0 ? 1 : sum('failed');
console.log(`${sum('passed')} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
