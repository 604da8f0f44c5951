import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditEntry } from '../../../src/entities';
import { Forbidden, NotFound } from '../../../src/errors';
import { systemActor } from '../../../src/services/identity';
import { ModelService, VersionService } from '../../../src/services/registry';
import { type ArtifactFixture, digestOf, openArtifacts } from '../../support/artifact-fixture';
import { aCandidate, engineer } from '../../support/registry-fixture';

const upkeep = systemActor('system:upkeep', 'r1');

let fixture: ArtifactFixture;
beforeEach(async () => {
  fixture = await openArtifacts();
});
afterEach(() => fixture.close());

const collect = () => fixture.collector.collect(upkeep);
const put = (bytes: Uint8Array) => fixture.keeper.put(bytes, 'a/b');

const unasked = () => Promise.reject(new Error('No version here has an experiment'));

describe('Collecting', () => {
  it('removes what nothing refers to once its hold has run out, and records it', async () => {
    const bytes = randomBytes(100);
    const { digest } = await put(bytes);
    await expect(collect()).resolves.toEqual({ removed: [], freedBytes: 0, adopted: 0 });
    await fixture.letGo(digest);
    await expect(collect()).resolves.toEqual({ removed: [digest], freedBytes: 100, adopted: 0 });
    await expect(fixture.keeper.get(digest)).rejects.toThrow(NotFound);
    const entries = await fixture.dataSource.manager.findBy(AuditEntry, { subject: `Artifact:${digest}` });
    expect(entries).toMatchObject([{ action: 'artifact.collect', actor: 'system:upkeep' }]);
    expect(await fixture.audit.verify(null)).toMatchObject({ valid: true });
  });

  it('leaves what a version refers to, or a run of training', async () => {
    const { dataSource, audit, keeper } = fixture;
    const models = new ModelService({ dataSource, audit });
    const versions = new VersionService({ dataSource, audit, artifacts: keeper, experiments: { add: unasked } });
    const model = await models.create({ name: 'kept', taskType: 'BINARY_CLASSIFICATION' }, engineer);
    await versions.submit(model.id, aCandidate(), {}, engineer);
    const ofRun = await put(randomBytes(10));
    await dataSource.query(
      `WITH service AS (INSERT INTO feature_services (name) VALUES ('s') RETURNING id),
         version AS (INSERT INTO feature_service_versions (feature_service_id, version, features) SELECT id, 1, '[]' FROM service RETURNING id),
         dataset AS (
           INSERT INTO datasets (name, status, definition, feature_service_version_id, job_id, created_by)
           SELECT 'd', 'BUILDING', '{}', id, gen_random_uuid(), 'ada' FROM version RETURNING id
         )
       INSERT INTO training_runs (model_id, dataset_id, job_id, status, algorithm, parameters, seed, trigger, result, created_by)
       SELECT $1, id, gen_random_uuid(), 'SUCCEEDED', 'GRADIENT_BOOSTING', '{}', 1, 'MANUAL', $2, 'ada' FROM dataset`,
      [model.id, JSON.stringify({ modelDigest: ofRun.digest })],
    );
    const loose = await put(randomBytes(10));
    await dataSource.query(`UPDATE artifacts SET held_until = now() - interval '1 second'`);
    await expect(collect()).resolves.toMatchObject({ removed: [loose.digest] });
    await expect(keeper.get(digestOf(aCandidate().modelBytes as Uint8Array))).resolves.toBeDefined();
    await expect(keeper.get(ofRun.digest)).resolves.toBeDefined();
  });

  it('leaves a file of features as long as the job that ingests it is not finished', async () => {
    const { digest } = await put(randomBytes(10));
    await fixture.letGo(digest);
    const { dataSource } = fixture;
    await dataSource.query(
      `INSERT INTO jobs (kind, subject, input, actor, request_id) VALUES ('FEATURE_INGEST', 'x', $1, 'ada', 'r')`,
      [JSON.stringify({ artifact: digest })],
    );
    await expect(collect()).resolves.toMatchObject({ removed: [] });
    await dataSource.query(`UPDATE jobs SET status = 'SUCCEEDED', finished_at = now()`);
    await expect(collect()).resolves.toMatchObject({ removed: [digest] });
  });

  it('gives bytes without a row a day of their own first', async () => {
    const { digest } = await fixture.store.put(randomBytes(10), 'a/b');
    await expect(collect()).resolves.toEqual({ removed: [], freedBytes: 0, adopted: 1 });
    await fixture.letGo(digest);
    await expect(collect()).resolves.toMatchObject({ removed: [digest], adopted: 0 });
  });

  it('is for administrators', async () => {
    await expect(fixture.collector.collect(engineer)).rejects.toThrow(Forbidden);
  });

  it('leaves an artifact that somebody is about to refer to', async () => {
    const { digest } = await put(randomBytes(10));
    await fixture.letGo(digest);
    await fixture.dataSource.transaction(async (manager) => {
      await expect(fixture.keeper.holdIfThere(digest, manager)).resolves.toMatchObject({ digest });
      await expect(collect()).resolves.toMatchObject({ removed: [] });
    });
    await expect(collect()).resolves.toMatchObject({ removed: [] });
    await expect(fixture.keeper.get(digest)).resolves.toHaveLength(10);
  });

  it('never takes what was just stored, with uploads of the same bytes and collections racing', async () => {
    const rounds = 50;
    let isOver = false;
    const removed: string[] = [];
    const collecting = [1, 2].map(async () => {
      while (!isOver) removed.push(...(await collect()).removed);
    });
    const storing = Array.from({ length: 4 }, async (_, index) => {
      const bytes = randomBytes(50_000 + index);
      const digest = digestOf(bytes);
      const announcement = { kind: 'MODEL', sizeBytes: bytes.length, sha256: digest, mediaType: 'a/b' } as const;
      for (let round = 0; round < rounds; round++) {
        if (index % 2 === 0) await put(bytes);
        else {
          const { upload } = await fixture.transfer.createUpload(announcement, engineer);
          if (upload) {
            const query = new URL(upload.url, 'http://any').searchParams;
            await fixture.transfer.receive(upload.id, query, bytes.length, [bytes]);
          }
        }
        expect((await fixture.keeper.get(digest)).equals(bytes)).toBe(true);
        await fixture.letGo(digest);
        // Sometimes a collection has it already, sometimes it is about to, and sometimes it comes too late.
        await sleep(round % 10);
      }
    });
    await Promise.all(storing).finally(() => (isOver = true));
    await Promise.all(collecting);
    // They have met: otherwise this shows nothing.
    expect(removed.length).toBeGreaterThan(10);
    await collect();
    expect(await fixture.files()).toEqual([]);
  });
});
