/** `npm run check`: everything that can be said about a change without a database, in under a minute. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const cache = 'node_modules/.cache';

/** The longest first, so that the last one to finish is a short one. */
const CHECKS = [
  {
    name: 'lint',
    what: 'ESLint with typed rules',
    run: () => shell('eslint . --max-warnings 0'),
  },
  {
    name: 'unit',
    what: 'unit and golden tests',
    run: () => shell('node scripts/build.mjs && jest --selectProjects unit golden'),
  },
  { name: 'types', what: 'the TypeScript compiler', run: () => shell('tsc --noEmit --project tsconfig.json') },
  {
    name: 'imports',
    what: 'the import rule (.dependency-cruiser.cjs)',
    run: () => shell('depcruise src examples migrations --config .dependency-cruiser.cjs'),
  },
  { name: 'dead-code', what: 'unused files, exports and dependencies (knip)', run: () => shell('knip --no-progress') },
  {
    name: 'format',
    what: 'Prettier; remedy: npm run format',
    run: () => shell(`prettier --check . --log-level warn --cache --cache-location ${cache}/prettier/cache`),
  },
  {
    name: 'schema',
    what: 'schema.graphql is the schema that the server has; remedy: npm run schema',
    run: checkSchema,
  },
];

const HELP = `npm run check [-- NAME...]

Runs the named checks, or all of them, and shows the output of those that fail.
Exits with 1 if any fails.

${CHECKS.map(({ name, what }) => `  ${name.padEnd(10)} ${what}`).join('\n')}
`;

/** Runs a command line with the tools of node_modules in its path. */
function shell(command) {
  return new Promise((resolve) => {
    const child = spawn(command, {
      cwd: root,
      shell: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}`,
        ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
      },
    });
    const stdout = [];
    const output = [];
    child.stdout.on('data', (chunk) => {
      stdout.push(chunk);
      output.push(chunk);
    });
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => output.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (code) => {
      const text = (chunks) => Buffer.concat(chunks).toString('utf8');
      resolve({ passed: code === 0, stdout: text(stdout), output: text(output) });
    });
  });
}

async function checkSchema() {
  const result = await shell('node bin/mooring.js schema');
  if (!result.passed) return result;
  const lines = (text) => text.trim().split('\n');
  const actual = lines(result.stdout);
  const file = path.join(root, 'schema.graphql');
  const committed = fs.existsSync(file) ? lines(fs.readFileSync(file, 'utf8')) : [];
  const differing = Array.from({ length: Math.max(actual.length, committed.length) }, (_, line) => line).find(
    (line) => actual[line] !== committed[line],
  );
  if (differing === undefined) return { passed: true, output: '' };
  const show = (line) => line ?? '(nothing)';
  const output = `schema.graphql is not the schema of the code. They part at line ${differing + 1}:
  committed: ${show(committed[differing])}
  code:      ${show(actual[differing])}
Run "npm run schema", read the change as a client of the API would, and commit it.
`;
  return { passed: false, output };
}

async function runAndReport({ name, run }) {
  const started = performance.now();
  const { passed, output } = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(10)} ${seconds.padStart(5)} s\n`);
  if (!passed) process.stdout.write(`${output.trimEnd()}\n\n`);
  return passed;
}

async function main(args) {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP);
    return;
  }
  const unknown = args.filter((arg) => !CHECKS.some(({ name }) => name === arg));
  if (unknown.length > 0) {
    process.stderr.write(`There is no check ${unknown.join(', ')}.\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const queue = CHECKS.filter(({ name }) => args.length === 0 || args.includes(name));
  const results = [];
  const worker = async () => {
    for (let check = queue.shift(); check; check = queue.shift()) results.push(await runAndReport(check));
  };
  await Promise.all(Array.from({ length: Math.max(2, os.availableParallelism()) }, worker));
  const failed = results.filter((passed) => !passed).length;
  process.stdout.write(`checks: ${results.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main(process.argv.slice(2));
