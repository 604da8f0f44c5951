/**
 * `npm run dev`: builds, runs the server, and at every change of a source builds again and restarts it gracefully. A build that fails leaves
 * the running server alone. Arguments go to the server: `npm run dev -- --help`.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { build, BuildError } from './build.mjs';

const WATCHED = ['src', 'migrations', 'examples'];
/** An editor or a checkout writes many files at once; the build waits until it has been quiet for this long. */
const QUIET_MS = 100;
/** A server that has not drained by then gets the second signal, at which it ends at once. */
const DRAIN_MS = 20_000;

const root = path.dirname(import.meta.dirname);
let server = null;
let stopping = false;
let settled = Promise.resolve();

const say = (message) => process.stderr.write(`dev: ${message}\n`);

async function buildOrSay() {
  try {
    return await build(root);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(`the build failed, the server is left as it is\n${error.message}`);
    return null;
  }
}

function startServer() {
  const child = spawn(process.execPath, ['bin/mooring.js', 'serve', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  server = { child, exited: new Promise((resolve) => child.once('exit', resolve)) };
  child.once('exit', (code, signal) => {
    if (server?.child !== child) return;
    server = null;
    if (!stopping) say(`the server ended (${signal ?? code}); it starts again at the next change`);
  });
}

async function stopServer() {
  if (!server) return;
  const { child, exited } = server;
  server = null;
  child.kill('SIGTERM');
  const second = setTimeout(() => child.kill('SIGTERM'), DRAIN_MS);
  await exited;
  clearTimeout(second);
}

async function rebuild() {
  const result = await buildOrSay();
  if (!result || stopping || result.built.length + result.removed.length === 0) return;
  await stopServer();
  if (!stopping) startServer();
}

function watch() {
  let quiet;
  const changed = () => {
    clearTimeout(quiet);
    // One rebuild after the other: a change during a restart waits for its end.
    quiet = setTimeout(() => (settled = settled.then(rebuild)), QUIET_MS);
  };
  return WATCHED.map((folder) => fs.watch(path.join(root, folder), { recursive: true }, changed));
}

async function end(signal, watchers) {
  if (stopping) return;
  stopping = true;
  watchers.forEach((watcher) => watcher.close());
  // At a terminal Ctrl-C reaches the server by itself; a second signal from here would cut its draining short.
  if (server && signal === 'SIGINT' && process.stdin.isTTY) await server.exited;
  else await stopServer();
  await settled;
  process.exit(0);
}

await buildOrSay();
startServer();
const watchers = watch();
process.on('SIGINT', () => end('SIGINT', watchers));
process.on('SIGTERM', () => end('SIGTERM', watchers));
