import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServerProcess, startServerProcess } from '../support/server-process';
import { runMooring, withoutBuildNote } from './run-mooring';

let dataDirectory: string;
let server: ServerProcess | undefined;
beforeEach(() => {
  dataDirectory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-embedded-'));
  // Root's PostgreSQL runs as another user, who has to get in.
  fs.chmodSync(dataDirectory, 0o711);
});
afterEach(async () => {
  await server?.stop();
  fs.rmSync(dataDirectory, { recursive: true, force: true });
});

const start = async () => (server = await startServerProcess({ dataDirectory }));

/** Of the embedded PostgreSQL; its first line is the process id. */
const pidFile = () => path.join(dataDirectory, 'postgres', 'postmaster.pid');
const postgresPid = () => Number(fs.readFileSync(pidFile(), 'utf8').split('\n')[0]);
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
async function expectGone(pid: number): Promise<void> {
  for (let waited = 0; isAlive(pid) && waited < 10_000; waited += 50) await sleep(50);
  expect(isAlive(pid)).toBe(false);
}

describe('the embedded PostgreSQL', () => {
  it('ends with the server', async () => {
    const { kill, exited } = await start();
    const pid = postgresPid();
    kill('SIGTERM');
    await expect(exited).resolves.toEqual({ code: 0, signal: null });
    expect(isAlive(pid)).toBe(false);
    expect(fs.existsSync(pidFile())).toBe(false);
  });

  it('ends also when a second signal ends the server at once', async () => {
    const { url, kill, exited } = await start();
    const pid = postgresPid();
    // Something under way, which would hold the first signal for the whole grace.
    const body = JSON.stringify({ query: '{ __typename }' });
    const slow = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(body.length + 1) },
      body: new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from(body)) }),
      duplex: 'half',
    }).catch(() => undefined);
    await sleep(200);
    kill('SIGTERM');
    await sleep(600);
    kill('SIGTERM');
    await expect(exited).resolves.toEqual({ code: 143, signal: null });
    await slow;
    await expectGone(pid);
  });

  it('is adopted or replaced after the server was killed, and keeps what was written', async () => {
    const first = await start();
    const create = await fetch(`${first.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'mutation { createModel(input: { name: "kept" }) { model { name } userErrors { message } } }',
      }),
    });
    await expect(create.json()).resolves.toEqual({
      data: { createModel: { model: { name: 'kept' }, userErrors: [] } },
    });
    first.kill('SIGKILL');
    await first.exited;

    const second = await start();
    const read = await fetch(`${second.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ models { nodes { name } } }' }),
    });
    await expect(read.json()).resolves.toEqual({ data: { models: { nodes: [{ name: 'kept' }] } } });
  });

  it('is not shared: a second server on the directory says who has it', async () => {
    await start();
    const { code, stderr } = await runMooring(['serve'], { MOORING_DATA_DIR: dataDirectory, MOORING_PORT: '0' });
    expect(code).toBe(1);
    expect(withoutBuildNote(stderr).trim()).toMatch(/^Another Mooring \(process \d+\) is using .*\. Stop it .*$/);
  });

  it('is there for commands beside the server', async () => {
    await start();
    const pid = postgresPid();
    const { code, stdout } = await runMooring(['audit', 'verify'], { MOORING_DATA_DIR: dataDirectory });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^valid/) });
    expect(isAlive(pid)).toBe(true);
  });
});
