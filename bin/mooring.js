#!/usr/bin/env node
'use strict';
// The launcher: checks Node, brings dist/ up to date where this is a checkout, and hands over to the command line in src/main.ts.
// Plain syntax above `start`, so that an old Node gets as far as saying that it is old.
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.dirname(__dirname);

const required = /\d+\.\d+/.exec(require('../package.json').engines.node)[0];
if (isOlder(process.versions.node, required)) {
  console.error(
    `Mooring needs Node ${required} or newer; this is ${process.versions.node}. Install it from https://nodejs.org or with "nvm install".`,
  );
  process.exitCode = 1;
} else {
  start().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

function isOlder(version, than) {
  const [major, minor] = version.split('.').map(Number);
  const [thanMajor, thanMinor] = than.split('.').map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}

async function start() {
  if (isCheckout() && !(await buildCheckout())) {
    process.exitCode = 1;
    return;
  }
  // Before the modules are loaded: only those loaded later get their maps (costs 45 ms and 25 MB over the whole dependency tree).
  process.setSourceMapsEnabled(true);
  const { main } = require('../dist/src/main.js');
  process.exitCode = await main(process.argv);
}

/** A production image carries dist/ alone, without the sources or without the compiler. */
function isCheckout() {
  return ['src', 'scripts/build.mjs', 'node_modules/@swc/core'].every((part) => fs.existsSync(path.join(root, part)));
}

/** In a process of its own, for the compiler's 90 MB would stay with the server. */
async function buildCheckout() {
  const { isBuilt } = await import('../scripts/build.mjs');
  if (isBuilt(root)) return true;
  const builder = spawnSync(process.execPath, [path.join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  return builder.status === 0;
}
