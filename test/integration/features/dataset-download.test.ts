import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfig } from '../../../src/config';
import type { Dataset } from '../../../src/entities';
import { createLogger } from '../../../src/logger';
import type { Services } from '../../../src/schema/context';
import { buildApiSchema } from '../../../src/server/build-schema';
import { HttpServer } from '../../../src/server/http-server';
import { Metrics } from '../../../src/server/metrics';
import { signedUrl } from '../../../src/services/artifacts';
import { TokenService } from '../../../src/services/identity';
import { DATASETS_SECRET, ENGINEER, FeaturesFixture, VIEWER } from '../../support/features-fixture';

let features: FeaturesFixture;
let server: HttpServer;
let dataset: Dataset;
beforeAll(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
  await features.ingestSubscribers(40, [1, 2, 3]);
  dataset = await features.buildDataset();
  const { dataSource } = features.database;
  const tokens = new TokenService({ dataSource, audit: features.audit });
  server = await HttpServer.start({
    config: readConfig({ MOORING_PORT: '0' }),
    logger: createLogger('silent'),
    schema: buildApiSchema(),
    services: { tokens, datasetDownloads: features.downloads } as unknown as Services,
    metrics: new Metrics(),
    checks: [],
  });
});
afterAll(async () => {
  await server.stop(1000);
  await features.close();
});

const urlOf = (of: Dataset) => features.downloads.url(of, VIEWER) ?? '';
async function refusal(url: string): Promise<{ status: number; code: string | undefined }> {
  const response = await fetch(server.url + url);
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return { status: response.status, code: errors?.[0]?.extensions.code };
}

test('a signed address gives the Parquet file, with the rows of the preview in their order', async () => {
  const response = await fetch(server.url + urlOf(dataset));
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/vnd.apache.parquet',
    'content-length': String(dataset.sizeBytes),
    'content-disposition': `attachment; filename="dataset-${dataset.id}.parquet"`,
    etag: `"${dataset.id}"`,
  });
  const file = path.join(features.directory, 'downloaded.parquet');
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
  const rows = await features.engine.call('rows', { sql: `SELECT subscriber_id, minutes, __label FROM '${file}'` });
  expect(rows).toHaveLength(120);
  const preview = await features.datasets.preview(dataset, 50);
  expect(rows.slice(0, 50)).toEqual(
    preview.map(({ subscriber_id, minutes, __label }) => ({ subscriber_id, minutes, __label })),
  );
});

test('a download that was cut off goes on where it ended, and HEAD tells how much there is', async () => {
  const url = server.url + urlOf(dataset);
  const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(whole.length)]);
  const rest = await fetch(url, { headers: { range: 'bytes=1000-', 'if-range': `"${dataset.id}"` } });
  expect([rest.status, rest.headers.get('content-range')]).toEqual([
    206,
    `bytes 1000-${whole.length - 1}/${whole.length}`,
  ]);
  expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(1000))).toBe(true);
  expect(await (await fetch(url, { headers: { range: 'bytes=-5' } })).text()).toHaveLength(5);
  const beyond = await fetch(url, { headers: { range: `bytes=${whole.length}-` } });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`]);
});

test('what a client has already is not sent again', async () => {
  const response = await fetch(server.url + urlOf(dataset), { headers: { 'if-none-match': `"${dataset.id}"` } });
  expect(response.status).toBe(304);
});

test('an address that was changed, is of another dataset, or has run out is refused', async () => {
  const url = urlOf(dataset);
  expect(await refusal(url.replace(/signature=../, 'signature=xx'))).toEqual({
    status: 403,
    code: 'SIGNATURE_INVALID',
  });
  const other = '00000000-0000-4000-8000-000000000000';
  expect(await refusal(url.replace(dataset.id, other))).toEqual({ status: 403, code: 'SIGNATURE_INVALID' });
  expect(await refusal(urlOf({ ...dataset, id: other }))).toEqual({ status: 404, code: 'NOT_FOUND' });
  const grant = { method: 'GET', path: `/datasets/${dataset.id}`, expiresAt: new Date(0), claims: {} } as const;
  expect(await refusal(signedUrl(grant, DATASETS_SECRET))).toEqual({ status: 410, code: 'URL_EXPIRED' });
});

test('a dataset that is not ready has no address', () => {
  expect(features.downloads.url({ ...dataset, status: 'BUILDING' }, ENGINEER)).toBeNull();
  expect(features.downloads.url({ ...dataset, status: 'FAILED' }, ENGINEER)).toBeNull();
});
