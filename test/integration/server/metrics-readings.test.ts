import { DRIFT_LIMITS } from '../../../src/server/drift-gauges';
import { readRelayLag } from '../../../src/services/events';
import { readJobDepths } from '../../../src/services/jobs';
import { countUnresolvedAlerts, readDriftScores } from '../../../src/services/monitoring';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

/** A READY report as the database holds it, without computing one. */
async function report(modelId: string, versionId: string, result: object, age = '0 s'): Promise<void> {
  await operation.dataSource.query(
    `INSERT INTO drift_reports (model_id, model_version_id, job_id, status, window_start, window_end, verdict, result, created_by, created_at)
     VALUES ($1, $2, gen_random_uuid(), 'READY', '2026-01-01', '2026-01-02', 'DRIFT', $3, 'ada', now() - $4::interval)`,
    [modelId, versionId, JSON.stringify(result), age],
  );
}

const scores = (limits = DRIFT_LIMITS) => readDriftScores(operation.dataSource, limits);

const features = (count: number, prefix = 'f') =>
  Array.from({ length: count }, (_, index) => ({
    feature: `${prefix}${index}`,
    klDivergence: index / 100,
    verdict: 'NO_DRIFT',
    // What a report holds besides, and is not read.
    histogram: { bins: ['a'], reference: [1], current: [1] },
  }));

describe('the drift scores that are read for a scrape', () => {
  it('are those of the newest READY report of a production version', async () => {
    expect(await scores()).toEqual({ versions: [], versionsLeftOut: 0, featuresLeftOut: 0 });
    await operation.inProduction('watched');
    await operation.policies.set({ model: 'watched', alpha: 1e-6, jsThreshold: 0.12 }, ENGINEER);
    expect((await scores()).versions).toEqual([]);

    const { from, to } = await operation.predictWindow('watched', 1200, { minutes: 15 });
    const { driftReport, job } = await operation.driftReports.run({ model: 'watched', from, to }, ENGINEER);
    expect((await scores()).versions).toEqual([]);
    await operation.features.finished(job);
    const [{ result }] = await operation.driftReports.find([driftReport.id]);
    const kl = result?.features.map(({ feature, klDivergence, verdict }) => ({ feature, klDivergence, verdict })) ?? [];
    expect((await scores()).versions).toEqual([
      {
        model: 'watched',
        version: 1,
        windowEnd: to,
        verdict: 'DRIFT',
        predictionVerdict: 'DRIFT',
        jsDivergence: result?.prediction.jsDivergence,
        jsDistance: result?.prediction.jsDistance,
        conceptVerdict: 'NO_DRIFT',
        ksStatistic: result?.concept.ksStatistic,
        calibrationZ: result?.concept.calibrationZ,
        features: kl.sort((a, b) => (b.klDivergence ?? 0) - (a.klDivergence ?? 0)),
      },
    ]);
    expect(kl[0]).toMatchObject({ feature: 'minutes', verdict: 'DRIFT' });
    expect(await countUnresolvedAlerts(operation.dataSource)).toContainEqual({
      severity: 'WARNING',
      status: 'OPEN',
      count: 1,
    });

    const move = { model: 'watched', version: 1, expectedStage: 'PRODUCTION', toStage: 'ARCHIVED' } as const;
    await operation.stages.transition(move, ENGINEER);
    expect((await scores()).versions).toEqual([]);
  });

  it('are null where a report is older than a measure, or a measure does not apply', async () => {
    const { model, version } = await operation.inProduction('sparse');
    await report(model.id, version.id, {}, '1 h');
    const nothing = { jsDivergence: null, jsDistance: null, ksStatistic: null, calibrationZ: null };
    const verdicts = { predictionVerdict: null, conceptVerdict: null };
    expect((await scores()).versions).toEqual([
      expect.objectContaining({ model: 'sparse', ...nothing, ...verdicts, features: [] }),
    ]);
    const concept = { verdict: 'NOT_APPLICABLE', ksStatistic: null };
    const prediction = { verdict: 'EMPTY', jsDivergence: null };
    await report(model.id, version.id, {
      concept,
      prediction,
      features: [{ feature: 'gone', klDivergence: null, verdict: 'EMPTY' }],
    });
    expect((await scores()).versions).toEqual([
      expect.objectContaining({
        ...nothing,
        predictionVerdict: 'EMPTY',
        conceptVerdict: 'NOT_APPLICABLE',
        features: [{ feature: 'gone', klDivergence: null, verdict: 'EMPTY' }],
      }),
    ]);
  });

  it('are bounded, the newest reports and the largest divergences first, and count what is left out', async () => {
    for (const [index, name] of ['one', 'two', 'three'].entries()) {
      const { model, version } = await operation.inProduction(name);
      await report(model.id, version.id, { features: features(30) }, `${10 * (index + 1)} days`);
    }
    const small = { versions: 3, featuresPerVersion: 20, features: 25 };
    const { versions, ...leftOut } = await scores(small);
    expect(versions.map(({ model, features: { length } }) => [model, length])).toEqual([
      ['sparse', 1],
      ['one', 20],
      ['two', 4],
    ]);
    expect(versions[1].features[0]).toEqual({ feature: 'f29', klDivergence: 0.29, verdict: 'NO_DRIFT' });
    expect(leftOut).toEqual({ versionsLeftOut: 1, featuresLeftOut: 36 });
  });

  it('are read in a fraction of a scrape, from as many large reports as are looked at', async () => {
    const bins = Array.from({ length: 20 }, (_, index) => `from ${index} to ${index + 1}`);
    const shares = bins.map((_, index) => 1 / (index + 3));
    const histogram = { bins, reference: shares, current: shares };
    const wide = features(500, 'a feature of some length ').map((feature) => ({ ...feature, histogram }));
    for (let index = 0; index < 20; index += 1) {
      const { model, version } = await operation.inProduction(`wide-${index}`);
      await report(model.id, version.id, { features: wide });
    }
    const startedAt = performance.now();
    const { versions, featuresLeftOut } = await scores({ ...DRIFT_LIMITS, versions: 20 });
    const elapsedMs = performance.now() - startedAt;
    expect(versions.flatMap((version) => version.features)).toHaveLength(DRIFT_LIMITS.features);
    expect(featuresLeftOut).toBe(8_000);
    // 10,000 features, 11 MB: .1 s on a busy machine. The reading may take 3 s, a scrape 10 s.
    expect(elapsedMs).toBeLessThan(2_000);
  });
});

describe('the queues that are read for a scrape', () => {
  it('are the unfinished jobs of every kind, and the age of the oldest that is queued', async () => {
    const { dataSource } = operation;
    const make = (kind: string, status: string, age: string) =>
      dataSource.query(
        `INSERT INTO jobs (kind, status, subject, input, actor, request_id, created_at) VALUES ($1, $2, 'Test:1', '{}', 'ada', 'r', now() - $3::interval)`,
        [kind, status, age],
      );
    const before = await readJobDepths(dataSource);
    expect(before.find(({ kind }) => kind === 'COMPACTION')).toEqual({
      kind: 'COMPACTION',
      queuedCount: 0,
      runningCount: 0,
      oldestQueuedSeconds: 0,
    });
    await make('COMPACTION', 'QUEUED', '100 s');
    await make('COMPACTION', 'QUEUED', '5 s');
    await make('COMPACTION', 'RUNNING', '1 day');
    await make('COMPACTION', 'FAILED', '1 day');
    const depth = (await readJobDepths(dataSource)).find(({ kind }) => kind === 'COMPACTION');
    expect(depth).toMatchObject({ queuedCount: 2, runningCount: 1 });
    expect(depth?.oldestQueuedSeconds).toBeGreaterThanOrEqual(100);
    expect(depth?.oldestQueuedSeconds).toBeLessThan(160);
    await dataSource.query(`DELETE FROM jobs WHERE subject = 'Test:1'`);
  });

  it('are the events that wait for the relay', async () => {
    const { dataSource } = operation;
    await dataSource.query('UPDATE outbox_events SET sequence = id');
    expect(await readRelayLag(dataSource)).toEqual({ waitingCount: 0, lagSeconds: 0 });
    await dataSource.query(
      `INSERT INTO outbox_events (type, payload, actor, request_id, occurred_at)
       SELECT 'DATASET_READY', '{}', 'ada', 'r', now() - make_interval(secs => 20 * n) FROM generate_series(1, 3) AS n`,
    );
    const { waitingCount, lagSeconds } = await readRelayLag(dataSource);
    expect(waitingCount).toBe(3);
    expect(lagSeconds).toBeGreaterThanOrEqual(20);
  });
});
