import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { ArtifactCorrupt } from '../../../src/errors';
import type { Part } from '../../../src/services/artifacts/chunked-file';
import { type ArtifactFixture, digestOf, openArtifacts } from '../../support/artifact-fixture';
import { viewer } from '../../support/registry-fixture';

const CHUNK = 256 * 1024;

let encrypted: ArtifactFixture;
let plain: ArtifactFixture;
beforeAll(async () => {
  [encrypted, plain] = await Promise.all([openArtifacts([{ id: 'test', key: randomBytes(32) }]), openArtifacts()]);
});
afterAll(() => Promise.all([encrypted.close(), plain.close()]));

/** Turns a byte of the file, counted from its beginning. */
async function damage({ directory }: ArtifactFixture, digest: string, position: number): Promise<void> {
  const file = await open(path.join(directory, digest.slice(0, 2), `${digest}.chunks`), 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, position);
  byte[0] ^= 1;
  await file.write(byte, 0, 1, position);
  await file.close();
}

/** What a reader gets of a part, and what stops it. */
async function readPart({ store }: ArtifactFixture, digest: string, part: Part) {
  const given: Buffer[] = [];
  const error: unknown = await (async () => {
    for await (const chunk of (await store.read(digest)).chunks(part)) given.push(chunk);
    return null;
  })().catch((reason: unknown) => reason);
  return { given: Buffer.concat(given), error };
}

describe.each([
  ['An unencrypted artifact', () => plain, 32],
  ['An encrypted artifact', () => encrypted, 16],
] as const)('%s', (_name, fixtureOf, tagBytes) => {
  it('gives any part of itself as it was', async () => {
    const bytes = randomBytes(3 * CHUNK + 17);
    const { digest } = await fixtureOf().store.put(bytes, 'a/b');
    const edges = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1, 3 * CHUNK, bytes.length - 1];
    for (const [first, last] of edges.flatMap((from) => edges.filter((to) => to >= from).map((to) => [from, to]))) {
      const { given, error } = await readPart(fixtureOf(), digest, { first, last });
      expect([error, given.equals(bytes.subarray(first, last + 1))]).toEqual([null, true]);
    }
  });

  it('gives nothing of a damaged chunk, also where the damaged byte was not asked for', async () => {
    const bytes = randomBytes(3 * CHUNK);
    const { digest } = await fixtureOf().store.put(bytes, 'a/b');
    await damage(fixtureOf(), digest, 128 + CHUNK + tagBytes + 100);
    const across = await readPart(fixtureOf(), digest, { first: CHUNK - 10, last: 2 * CHUNK + 10 });
    expect(across.error).toBeInstanceOf(ArtifactCorrupt);
    expect(across.given.equals(bytes.subarray(CHUNK - 10, CHUNK))).toBe(true);
    const beside = await readPart(fixtureOf(), digest, { first: 2 * CHUNK - 10, last: 2 * CHUNK - 1 });
    expect(beside.error).toBeInstanceOf(ArtifactCorrupt);
    expect(beside.given).toHaveLength(0);
  });

  it('is read no further when the reader is told to stop', async () => {
    const { digest } = await fixtureOf().store.put(randomBytes(2 * CHUNK), 'a/b');
    const signal = AbortSignal.abort(new Error('the client is gone'));
    const { given, error } = await readPart(fixtureOf(), digest, { first: CHUNK, last: CHUNK, signal });
    expect([given.length, (error as Error).message]).toEqual([0, 'the client is gone']);
  });
});

describe('A part behind a damaged chunk', () => {
  it('is given of an encrypted artifact, and of an unencrypted one it cannot be known', async () => {
    const bytes = randomBytes(3 * CHUNK);
    const part = { first: CHUNK, last: bytes.length - 1 };
    for (const fixture of [encrypted, plain]) {
      await fixture.store.put(bytes, 'a/b');
      await damage(fixture, digestOf(bytes), 128 + 100);
    }
    const { given, error } = await readPart(encrypted, digestOf(bytes), part);
    expect([error, given.equals(bytes.subarray(CHUNK))]).toEqual([null, true]);
    expect((await readPart(plain, digestOf(bytes), part)).error).toBeInstanceOf(ArtifactCorrupt);
  });
});

describe('A part that is downloaded', () => {
  const bytes = randomBytes(600_000);
  const etag = `"${digestOf(bytes)}"`;
  let url: string;
  beforeAll(async () => {
    await encrypted.keeper.put(bytes, 'application/onnx');
    url = encrypted.server.url + encrypted.transfer.downloadUrl(digestOf(bytes), viewer);
  });
  const get = async (headers: Record<string, string>, method = 'GET') => {
    const response = await fetch(url, { method, headers });
    const body = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  };
  const WHOLE = { 'content-length': '600000', 'accept-ranges': 'bytes', etag };

  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=262140-262150', 262_140, 262_150],
    ['bytes=500000-', 500_000, 599_999],
    ['bytes=-17', 599_983, 599_999],
    ['bytes=-700000', 0, 599_999],
    ['bytes=100-999999999', 100, 599_999],
  ])('is given for %s', async (range, first, last) => {
    const { status, headers, body } = await get({ range });
    expect(status).toBe(206);
    expect(headers).toMatchObject({
      'content-range': `bytes ${first}-${last}/600000`,
      'content-length': String(last + 1 - first),
      'content-type': 'application/onnx',
      'accept-ranges': 'bytes',
      etag,
    });
    expect(body.equals(bytes.subarray(first, last + 1))).toBe(true);
  });

  it('is refused when nothing of it is there, with the size that would be right', async () => {
    const { status, headers, body } = await get({ range: 'bytes=600000-' });
    expect([status, headers['content-range'], headers['cache-control']]).toEqual([416, 'bytes */600000', undefined]);
    expect(JSON.parse(body.toString())).toMatchObject({
      errors: [{ extensions: { code: 'RANGE_NOT_SATISFIABLE', sizeBytes: 600_000 } }],
    });
  });

  it.each(['bytes=0-0,5-9', 'bytes=9-5', 'lines=1-2', 'bytes=x'])('is the whole for %s', async (range) => {
    const { status, headers, body } = await get({ range });
    expect(status).toBe(200);
    expect(headers).toMatchObject(WHOLE);
    expect(headers).not.toHaveProperty('content-range');
    expect(body.equals(bytes)).toBe(true);
  });

  it('is given only of the bytes that the client has begun with, if it says which', async () => {
    const range = 'bytes=10-19';
    expect(await get({ range, 'if-range': etag })).toMatchObject({ status: 206, body: bytes.subarray(10, 20) });
    for (const other of [`"${digestOf(Buffer.alloc(1))}"`, `W/${etag}`, new Date().toUTCString()])
      expect(await get({ range, 'if-range': other })).toMatchObject({ status: 200, headers: WHOLE });
    expect(await get({ range, 'if-none-match': etag })).toMatchObject({ status: 304 });
  });

  it('is no matter of HEAD, which tells of the whole and has no body', async () => {
    for (const range of ['bytes=0-9', 'bytes=600000-']) {
      const { status, headers, body } = await get({ range }, 'HEAD');
      expect([status, body.length]).toEqual([200, 0]);
      expect(headers).toMatchObject({ ...WHOLE, 'content-type': 'application/onnx' });
    }
  });

  it('goes on where a broken download has stopped', async () => {
    const broken = new AbortController();
    const response = await fetch(url, { signal: broken.signal });
    const { value } = await response.body!.getReader().read();
    broken.abort();
    const had = Buffer.from(value as Uint8Array);
    const rest = await get({ range: `bytes=${had.length}-`, 'if-range': response.headers.get('etag')! });
    expect(Buffer.concat([had, rest.body]).equals(bytes)).toBe(true);
  });

  it('is not begun when its first chunk is damaged, and the answer says so', async () => {
    const own = randomBytes(600_000);
    await encrypted.keeper.put(own, 'a/b');
    await damage(encrypted, digestOf(own), 300_000);
    const address = encrypted.server.url + encrypted.transfer.downloadUrl(digestOf(own), viewer);
    const damaged = await fetch(address, { headers: { range: 'bytes=262144-262150' } });
    expect(damaged.status).toBe(500);
    expect(await damaged.json()).toMatchObject({ errors: [{ extensions: { code: 'ARTIFACT_CORRUPT' } }] });
    const beside = await fetch(address, { headers: { range: 'bytes=0-9' } });
    expect(Buffer.from(await beside.arrayBuffer())).toEqual(own.subarray(0, 10));
  });
});
