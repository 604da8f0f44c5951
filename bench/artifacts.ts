import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NamedKey } from '../src/config';
import { FileArtifactStore } from '../src/services/artifacts';
import { type Content, upAndDown } from './artifact-client';
import type { Bench, BenchCase } from './harness';
import { startMooring } from './mooring-process';

const MEBIBYTE = 1024 * 1024;
const ARTIFACT_BYTES = 256 * MEBIBYTE;
const LARGE_BYTES = 2048 * MEBIBYTE;
const PIECE_BYTES = 64 * 1024;
const MEMORY_LIMIT_MB = 64;
const START_SECONDS = 120;
const KEY: NamedKey = { id: 'bench', key: randomBytes(32) };

const workplace = { directory: '', digests: new Map<number, string>() };

/** The same bytes each time, in pieces as a socket brings them; nothing of them is kept. */
function* generated(sizeBytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(PIECE_BYTES, 'a model that does not compress ');
  for (let sent = 0; sent < sizeBytes; sent += PIECE_BYTES) {
    piece.writeUInt32BE(sent / PIECE_BYTES, 0);
    // The receiver may keep a piece until the next one comes, and no longer.
    yield piece;
  }
}

function digestOf(sizeBytes: number): string {
  const known = workplace.digests.get(sizeBytes);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const piece of generated(sizeBytes)) hash.update(piece);
  const digest = hash.digest('hex');
  workplace.digests.set(sizeBytes, digest);
  return digest;
}

async function writeAndRead(keys: readonly NamedKey[], sizeBytes: number): Promise<void> {
  const store = new FileArtifactStore(path.join(workplace.directory, 'store'), keys);
  const digest = digestOf(sizeBytes);
  await (await store.stage(generated(sizeBytes), { digest, sizeBytes })).keep();
  let read = 0;
  for await (const chunk of (await store.read(digest)).chunks()) read += chunk.length;
  await store.remove(digest);
  if (read !== sizeBytes) throw new Error(`Read ${read} of ${sizeBytes} bytes`);
}

/** The barest thing that is as durable and as sure of its bytes: a file written with SHA-256 and synced, and read back with SHA-256. */
async function bareCopy(sizeBytes: number): Promise<void> {
  const file = path.join(workplace.directory, 'bare');
  const written = createHash('sha256');
  const target = createWriteStream(file, { highWaterMark: MEBIBYTE, flush: true });
  for (const piece of generated(sizeBytes)) {
    written.update(piece);
    // The stream keeps what it is given, so it needs bytes of its own.
    if (!target.write(Buffer.from(piece))) await once(target, 'drain');
  }
  target.end();
  await once(target, 'close');
  const read = createHash('sha256');
  for await (const piece of createReadStream(file, { highWaterMark: MEBIBYTE })) read.update(piece as Buffer);
  await rm(file);
  if (read.digest('hex') !== written.digest('hex')) throw new Error('The copy is not as it was written');
}

async function megabytesPerSecond(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return ARTIFACT_BYTES / 1e6 / ((performance.now() - startedAt) / 1000);
}

const throughput = (name: string, keys: readonly NamedKey[]): BenchCase => ({
  name: `${name}, 256 MiB written and read, against a bare file written, synced and read with SHA-256`,
  unit: 'MB/s',
  higherIsBetter: true,
  run: () => megabytesPerSecond(() => writeAndRead(keys, ARTIFACT_BYTES)),
  baseline: () => megabytesPerSecond(() => bareCopy(ARTIFACT_BYTES)),
});

/** The greatest additional resident memory while the work runs, in MB. */
async function additionalMemory(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let highest = before;
  const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 20);
  await work().finally(() => clearInterval(timer));
  return Math.max(1, (highest - before) / 1e6);
}

const memory = (name: string, keys: readonly NamedKey[]): BenchCase => ({
  name: `${name}, additional resident memory for 2 GiB, against the limit`,
  unit: 'MB',
  higherIsBetter: false,
  rounds: 1,
  run: () => additionalMemory(() => writeAndRead(keys, LARGE_BYTES)),
  baseline: () => MEMORY_LIMIT_MB,
});

const contentOf = (sizeBytes: number): Content => ({
  digest: digestOf(sizeBytes),
  sizeBytes,
  pieces: () => generated(sizeBytes),
});

/** What a server takes more than at rest while 2 GiB are uploaded to it and downloaded again. */
async function serverMemory(): Promise<number> {
  const settings = { MOORING_ARTIFACT_KEYS: `${KEY.id}:${KEY.key.toString('base64')}` };
  const mooring = await startMooring('serve', path.join(workplace.directory, 'server'), settings);
  try {
    await mooring.secondsUntil(mooring.isReady, START_SECONDS);
    // Loads the code that every transfer needs.
    await upAndDown(mooring, contentOf(MEBIBYTE));
    const before = mooring.residentMegabytes();
    let highest = before;
    const timer = setInterval(() => (highest = Math.max(highest, mooring.residentMegabytes())), 20);
    await upAndDown(mooring, contentOf(LARGE_BYTES)).finally(() => clearInterval(timer));
    return Math.max(1, highest - before);
  } finally {
    await mooring.stop();
  }
}

const overHttp: BenchCase = {
  name: 'encrypted, additional resident memory of the server for 2 GiB up and down, against the limit',
  unit: 'MB',
  higherIsBetter: false,
  rounds: 1,
  run: serverMemory,
  baseline: () => MEMORY_LIMIT_MB,
};

export const bench: Bench = {
  name: 'artifacts',
  description: 'storing and reading artifacts, in time and in memory',
  setup() {
    workplace.directory = mkdtempSync(path.join(os.tmpdir(), 'mooring-bench-'));
    // Root's PostgreSQL runs as another user, who has to get in.
    chmodSync(workplace.directory, 0o711);
    // The digests are known beforehand, as a client knows them.
    digestOf(ARTIFACT_BYTES);
    digestOf(LARGE_BYTES);
  },
  teardown() {
    rmSync(workplace.directory, { recursive: true, force: true });
  },
  cases: [
    memory('unencrypted', []),
    memory('encrypted', [KEY]),
    overHttp,
    throughput('unencrypted', []),
    throughput('encrypted', [KEY]),
  ],
};
