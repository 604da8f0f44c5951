import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditEntry } from '../../../src/entities';
import { Forbidden, IdempotencyKeyReused, InvalidInput, NotReady } from '../../../src/errors';
import { signedUrl } from '../../../src/services/artifacts/signed-url.policy';
import {
  type ArtifactFixture,
  digestOf,
  MAX_BYTES,
  openArtifacts,
  SIGNING_SECRET,
} from '../../support/artifact-fixture';
import { engineer, viewer } from '../../support/registry-fixture';

const SERVER_LIMIT = 65_536;
const KEYS = [{ id: 'test', key: randomBytes(32) }];

let fixture: ArtifactFixture;
beforeAll(async () => {
  fixture = await openArtifacts(KEYS);
});
afterAll(() => fixture.close());

const announcementOf = (bytes: Uint8Array) => ({
  kind: 'MODEL' as const,
  sizeBytes: bytes.length,
  sha256: digestOf(bytes),
  mediaType: 'application/onnx',
});

async function uploadFor(bytes: Uint8Array) {
  const { upload } = await fixture.transfer.createUpload(announcementOf(bytes), engineer);
  if (!upload) throw new Error('The bytes are there already');
  return upload;
}

async function send(url: string, init: RequestInit = {}) {
  const response = await fetch(fixture.server.url + url, init);
  const body = (await response.json()) as { errors?: { message: string; extensions: { code: string } }[] };
  return { status: response.status, body, code: body.errors?.[0]?.extensions.code };
}
const put = (url: string, bytes: Uint8Array) => send(url, { method: 'PUT', body: Buffer.from(bytes) });
const isStored = (bytes: Uint8Array) => fixture.store.has(digestOf(bytes));

describe('Uploading', () => {
  it('takes more bytes than the limit of other bodies, and gives them back by a signed address', async () => {
    const bytes = randomBytes(20 * SERVER_LIMIT + 1);
    const upload = await uploadFor(bytes);
    expect(await put(upload.url, bytes)).toMatchObject({ status: 201, body: { digest: digestOf(bytes) } });

    const url = fixture.transfer.downloadUrl(digestOf(bytes), viewer);
    const response = await fetch(fixture.server.url + url);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': String(bytes.length),
      'content-type': 'application/onnx',
      etag: `"${digestOf(bytes)}"`,
      'x-content-type-options': 'nosniff',
      'content-disposition': `attachment; filename="${digestOf(bytes)}"`,
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);

    const again = await fetch(fixture.server.url + url, { headers: { 'if-none-match': `"${digestOf(bytes)}"` } });
    expect(again.status).toBe(304);
  });

  it('keeps the limit of other bodies', async () => {
    const body = JSON.stringify({ query: `{ __typename } #${'x'.repeat(SERVER_LIMIT)}` });
    const headers = { 'content-type': 'application/json' };
    expect(await send('/graphql', { method: 'POST', headers, body })).toMatchObject({ status: 413 });
  });

  it('answers with the artifact when the bytes are there already', async () => {
    const bytes = randomBytes(100);
    await fixture.keeper.put(bytes, 'application/onnx');
    const answer = await fixture.transfer.createUpload(announcementOf(bytes), engineer);
    expect(answer).toMatchObject({ upload: null, artifact: { digest: digestOf(bytes), sizeBytes: 100 } });
    const lie = { ...announcementOf(bytes), sizeBytes: 99 };
    await expect(fixture.transfer.createUpload(lie, engineer)).rejects.toThrow(/are 100, not 99/);
  });

  it('refuses a second PUT', async () => {
    const bytes = randomBytes(100);
    const { url } = await uploadFor(bytes);
    await put(url, bytes);
    expect(await put(url, bytes)).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' });
  });

  it('lets one of two PUTs at once be the one', async () => {
    const bytes = randomBytes(2_000_000);
    const { url } = await uploadFor(bytes);
    const answers = await Promise.all([put(url, bytes), put(url, bytes)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    await expect(fixture.keeper.get(digestOf(bytes))).resolves.toEqual(bytes);
  });

  it('refuses bytes of another size, before they have come where it can', async () => {
    const bytes = randomBytes(100);
    const { url } = await uploadFor(bytes);
    expect(await put(url, randomBytes(101))).toMatchObject({ status: 422, code: 'ARTIFACT_MISMATCH' });
    expect(await put(url, randomBytes(99))).toMatchObject({ status: 422, code: 'ARTIFACT_MISMATCH' });
    const chunked = { method: 'PUT', body: new Blob([randomBytes(101)]).stream(), duplex: 'half' } as RequestInit;
    expect(await send(url, chunked)).toMatchObject({ status: 422, code: 'ARTIFACT_MISMATCH' });
    expect(await isStored(bytes)).toBe(false);
  });

  it('refuses other bytes of the same size, and takes the right ones afterwards', async () => {
    const bytes = randomBytes(100);
    const { url } = await uploadFor(bytes);
    const refused = await put(url, randomBytes(100));
    expect(refused).toMatchObject({ status: 422, code: 'ARTIFACT_MISMATCH' });
    expect(refused.body.errors?.[0]?.message).toMatch(/SHA-256 was declared as .* Nothing was kept/);
    expect(await isStored(bytes)).toBe(false);
    expect(await put(url, bytes)).toMatchObject({ status: 201 });
  });

  it('refuses an address that was changed, and one that has expired', async () => {
    const bytes = randomBytes(100);
    const { id, url } = await uploadFor(bytes);
    const larger = url.replace('size=100', 'size=1000');
    expect(await put(larger, bytes)).toMatchObject({ status: 403, code: 'SIGNATURE_INVALID' });
    expect(await put(url.split('?')[0], bytes)).toMatchObject({ status: 403, code: 'SIGNATURE_INVALID' });
    const claims = Object.fromEntries(
      ['size', 'sha256'].map((key) => [key, new URL(url, 'http://any').searchParams.get(key) ?? '']),
    );
    const path = `/artifacts/uploads/${id}`;
    const past = signedUrl({ method: 'PUT', path, claims, expiresAt: new Date(Date.now() - 1000) }, SIGNING_SECRET);
    expect(await put(past, bytes)).toMatchObject({ status: 410, code: 'URL_EXPIRED' });
    expect(await isStored(bytes)).toBe(false);
  });

  it('leaves nothing of an upload that is broken off', async () => {
    const bytes = randomBytes(3_000_000);
    const { url } = await uploadFor(bytes);
    const before = await fixture.files();
    const request = http.request(fixture.server.url + url, {
      method: 'PUT',
      headers: { 'content-length': bytes.length },
    });
    request.on('error', () => undefined);
    request.write(bytes.subarray(0, 1_000_000));
    while ((await fixture.files()).length === before.length) await sleep(5);
    request.destroy();
    while ((await fixture.files()).length > before.length) await sleep(5);
    expect(await isStored(bytes)).toBe(false);
    expect(await put(url, bytes)).toMatchObject({ status: 201 });
  });

  it('refuses what is no announcement, and who may not', async () => {
    const good = announcementOf(randomBytes(10));
    for (const wrong of [
      { sizeBytes: -1 },
      { sizeBytes: 1.5 },
      { sha256: 'AB' },
      { sha256: '../x' },
      { mediaType: 'a' },
    ])
      await expect(fixture.transfer.createUpload({ ...good, ...wrong }, engineer)).rejects.toThrow(InvalidInput);
    await expect(fixture.transfer.createUpload(good, viewer)).rejects.toThrow(Forbidden);
    // A program that sends rows may send files of them, and no models.
    const program = { ...engineer, roles: ['SERVICE'] as const };
    await expect(fixture.transfer.createUpload(good, program)).rejects.toThrow(Forbidden);
    const file = { ...good, kind: 'FEATURE_FILE' } as const;
    await expect(fixture.transfer.createUpload(file, viewer)).rejects.toThrow(Forbidden);
    await expect(fixture.transfer.createUpload(file, program)).resolves.toMatchObject({ artifact: null });
  });

  it('refuses more than an artifact may have, when it is announced and when it is sent', async () => {
    const most = announcementOf(randomBytes(10));
    await fixture.transfer.createUpload({ ...most, sizeBytes: MAX_BYTES }, engineer);
    const more = fixture.transfer.createUpload({ ...most, sizeBytes: MAX_BYTES + 1 }, engineer);
    await expect(more).rejects.toMatchObject({
      code: 'ARTIFACT_TOO_LARGE',
      field: ['input', 'sizeBytes'],
      details: { sizeBytes: MAX_BYTES + 1, maxBytes: MAX_BYTES, setting: 'MOORING_MAX_ARTIFACT_BYTES' },
    });
    // As a server with a higher limit has let it pass.
    const bytes = randomBytes(100);
    const { id, url } = await uploadFor(bytes);
    await fixture.dataSource.query('UPDATE artifact_uploads SET size_bytes = $2 WHERE id = $1', [id, MAX_BYTES + 1]);
    const before = await fixture.files();
    expect(await put(url, bytes)).toMatchObject({ status: 413, code: 'ARTIFACT_TOO_LARGE' });
    expect(await fixture.files()).toEqual(before);
  });

  it('answers the same request with the same address, and refuses its key for another', async () => {
    const input = { ...announcementOf(randomBytes(10)), idempotencyKey: 'once' };
    const [first, second] = [
      await fixture.transfer.createUpload(input, engineer),
      await fixture.transfer.createUpload(input, engineer),
    ];
    expect(second).toEqual(first);
    const other = { ...announcementOf(randomBytes(11)), idempotencyKey: 'once' };
    await expect(fixture.transfer.createUpload(other, engineer)).rejects.toThrow(IdempotencyKeyReused);
  });

  it('takes an empty artifact', async () => {
    const { url } = await uploadFor(Buffer.alloc(0));
    expect(await put(url, Buffer.alloc(0))).toMatchObject({ status: 201 });
    const response = await fetch(
      fixture.server.url + fixture.transfer.downloadUrl(digestOf(Buffer.alloc(0)), engineer),
    );
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  it('is recorded, from the announcement to the last byte', async () => {
    const bytes = randomBytes(10);
    const { id, url } = await uploadFor(bytes);
    await put(url, bytes);
    const entries = await fixture.dataSource.manager.findBy(AuditEntry, { subject: `Artifact:${digestOf(bytes)}` });
    expect(entries).toMatchObject([{ action: 'artifact.store', actor: 'ada', details: { upload: id } }]);
    expect(await fixture.audit.verify(null)).toMatchObject({ valid: true });
  });

  it('stands for its bytes once they have come, by its id and by their digest', async () => {
    const bytes = randomBytes(10);
    const { id, url } = await uploadFor(bytes);
    await expect(fixture.transfer.resolve({ uploadId: id }, ['input'])).rejects.toThrow(NotReady);
    await expect(fixture.transfer.resolve({ digest: digestOf(bytes) }, ['input'])).rejects.toThrow(
      /createArtifactUpload/,
    );
    await put(url, bytes);
    for (const ref of [{ uploadId: id }, { digest: digestOf(bytes) }])
      await expect(fixture.transfer.resolve(ref, ['input'])).resolves.toMatchObject({ digest: digestOf(bytes) });
  });
});

describe('Downloading', () => {
  it('asks for the signature', async () => {
    const bytes = randomBytes(10);
    await fixture.keeper.put(bytes, 'a/b');
    expect(await send(`/artifacts/${digestOf(bytes)}`)).toMatchObject({ status: 403, code: 'SIGNATURE_INVALID' });
    const other = fixture.transfer.downloadUrl(digestOf(randomBytes(3)), engineer).split('?')[1];
    expect(await send(`/artifacts/${digestOf(bytes)}?${other}`)).toMatchObject({ status: 403 });
    expect(() => fixture.transfer.downloadUrl(digestOf(bytes), { ...viewer, roles: [] })).toThrow(Forbidden);
  });

  it('says so when the bytes are not there', async () => {
    const url = fixture.transfer.downloadUrl(digestOf(randomBytes(3)), engineer);
    expect(await send(url)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it.each(['..', '../..', '..%2f..%2fetc%2fpasswd', '%00', '%2fetc%2fpasswd', '....//'])(
    '22: gives nothing for the path %j',
    async (path) => {
      const status = await new Promise((resolve) => {
        http.get(
          { port: fixture.server.port, host: '127.0.0.1', path: `/artifacts/${path}?expires=9999999999` },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        );
      });
      expect([400, 403, 404]).toContain(status);
    },
  );
});
