'use strict';
// Starts the embedded PostgreSQL of a data directory (first argument) from the compiled code and prints its figures as one line of JSON. Each
// byte on stdin is an order: q stops the server in order, x ends the process without. A failure is its message on stderr and exit code 1.
const path = require('node:path');

const dist = path.resolve(__dirname, '..', '..', 'dist', 'src');
const { startEmbeddedPostgres } = require(path.join(dist, 'services', 'database', 'embedded-postgres.js'));
const { createLogger } = require(path.join(dist, 'logger.js'));

async function run() {
  const server = await startEmbeddedPostgres({ directory: process.argv[2], logger: createLogger('silent') });
  const { url, adminUrl, pid, port } = server;
  process.stdout.write(`${JSON.stringify({ url, adminUrl, pid, port })}\n`);
  process.stdin.on('data', (order) => {
    if (order.includes('x')) process.exit(0);
    if (order.includes('q')) server.stop().then(() => process.stdin.destroy());
  });
}

run().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
