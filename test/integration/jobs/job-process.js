/**
 * A process of its own that runs one job and never finishes it, to be killed: compiled code, since Node does not read TypeScript.
 * Arguments: the database's URL, and what the handler does: 'hang', or 'crash' (the process ends itself).
 */
const path = require('node:path');
require('reflect-metadata');

const dist = path.resolve(__dirname, '..', '..', '..', 'dist', 'src');
const { createDataSource } = require(path.join(dist, 'services', 'database'));
const { JobQueue } = require(path.join(dist, 'services', 'jobs'));
const { createLogger } = require(path.join(dist, 'logger'));

const [databaseUrl, behaviour] = process.argv.slice(2);

// It must not outlive the test, however that ends.
process.stdin.on('end', () => process.exit()).resume();

async function main() {
  const logger = createLogger('silent');
  const dataSource = await createDataSource({ url: databaseUrl, poolSize: 4, logger });
  const audit = { append: async () => undefined };
  const queue = new JobQueue({ dataSource, databaseUrl, logger, audit, shutdownGraceSeconds: 1 });
  queue.define('DATASET', async (_input, job) => {
    job.progress(0.5, 'half way');
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (behaviour === 'crash') process.kill(process.pid, 'SIGKILL');
    process.stdout.write(`running ${job.attempt}\n`);
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
  await queue.start();
  const [{ count }] = await dataSource.query('SELECT count(*)::int AS count FROM jobs');
  if (count > 0) return;
  const actor = { name: 'ada', requestId: 'r1' };
  await dataSource.transaction((manager) =>
    queue.enqueue(manager, { kind: 'DATASET', subject: 'Dataset:1', input: { rows: 7 }, actor }),
  );
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
