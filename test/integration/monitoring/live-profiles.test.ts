import { randomUUID } from 'node:crypto';
import { Prediction, type Variant } from '../../../src/entities';
import { InvalidInput, NotFound, NotServable } from '../../../src/errors';
import { createLogger } from '../../../src/logger';
import { LiveProfiler, ProfileLayouts, ProfileRollup } from '../../../src/services/monitoring';
import type { ProfileLayout } from '../../../src/services/monitoring/live/profile-layout';
import { readLiveProfile } from '../../../src/services/monitoring/live/read-live-profile';
import { readWindow } from '../../../src/services/monitoring/window-reader';
import { PredictionLog } from '../../../src/services/predictions';
import { SeededRandom } from '../../../src/services/statistics';
import { OperationFixture } from '../../support/operation-fixture';
import { subscribers } from '../../support/subscribers';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const logger = createLogger('silent');

let operation: OperationFixture;
let clock = new Date();
let rollup: ProfileRollup;
beforeAll(async () => {
  operation = await OperationFixture.open();
  rollup = new ProfileRollup({ dataSource: operation.dataSource, logger, now: () => clock });
});
beforeEach(() => (clock = new Date()));
afterAll(() => operation.close());

interface Served {
  readonly modelId: string;
  readonly modelVersionId: string;
}

/** A replica's log, with a profiler of its own. */
function replica(): PredictionLog {
  const { dataSource, artifacts } = operation;
  return new PredictionLog({
    dataSource,
    profiler: new LiveProfiler({ layouts: new ProfileLayouts({ dataSource, artifacts }), logger }),
  });
}

function predictionsAt(served: Served, times: readonly Date[], variantOf: (index: number) => Variant | null) {
  return subscribers(times.length, `at ${times[0].toISOString()}`).map(({ features, probability }, index) =>
    Object.assign(new Prediction(), {
      id: randomUUID(),
      ...served,
      variant: variantOf(index),
      entity: null,
      features: { ...features, plan: index % 11 === 0 ? 'unheard-of' : features.plan },
      featureStatuses: {},
      featuresHash: 'f'.repeat(64),
      featureServiceVersionId: null,
      probability,
      label: false,
      latencyMs: 1,
      actor: 'ada',
      requestId: 'r',
      predictedAt: times[index],
    } as const),
  );
}

const layoutOf = async ({ modelVersionId }: Served): Promise<ProfileLayout> => {
  const layout = await operation.layouts.get(modelVersionId);
  if (!layout) throw new Error('no profile');
  return layout;
};

/** A window's counts, by the log and by the profiles. */
async function bothCounts(served: Served, from: Date, to: Date) {
  const layout = await layoutOf(served);
  const live = await readLiveProfile(operation.dataSource, served.modelVersionId, layout, [from, to]);
  const version = await operation.versions.production(served.modelId);
  if (!version) throw new Error('no production');
  const log = await readWindow(operation.predictions, {
    version,
    profile: layout.profile,
    from: live.windowStart,
    to: live.windowEnd,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  const counts = (window: Pick<typeof log, 'rowCount' | 'features' | 'prediction'>) => [
    window.rowCount,
    window.features,
    window.prediction,
  ];
  return { live, fromLog: counts(log), fromProfiles: counts(layout.windowOf(live.counts)) };
}

async function produced(name: string): Promise<Served> {
  const { model, version } = await operation.inProduction(name);
  return { modelId: model.id, modelVersionId: version.id };
}

const rowsOf = async ({ modelVersionId }: Served): Promise<Record<string, number>> => {
  const rows = await operation.dataSource.query<{ grain: string; count: string }[]>(
    `SELECT grain, count(*) FROM prediction_profiles WHERE model_version_id = $1 GROUP BY grain
     UNION ALL SELECT 'DELTA', count(*) FROM prediction_profile_deltas WHERE model_version_id = $1`,
    [modelVersionId],
  );
  return Object.fromEntries(rows.map(({ grain, count }) => [grain, Number(count)]));
};

test('random predictions of several replicas, over random minutes, hours and days and merged at random, count as the log’s windows do', async () => {
  const random = new SeededRandom('live profiles');
  // random.integer is for ranges below 2^32.
  const upTo = (milliseconds: number) => Math.floor(random.uniform() * milliseconds);
  const served = await produced('counted');
  const others = await produced('others');
  const replicas = [replica(), replica(), replica()];
  const start = Math.floor(Date.now() / DAY) * DAY - 60 * DAY;
  const spans = [5 * MINUTE, 3 * HOUR, 60 * DAY];
  for (let round = 0; round < 12; round++) {
    const span = spans[random.integer(spans.length)];
    const offset = upTo(60 * DAY - span + 1);
    const writes = replicas.map((log) => {
      const times = Array.from({ length: 1 + random.integer(200) }, () => new Date(start + offset + upTo(span)));
      const variants = [null, 'CANARY', 'SHADOW', 'PRIMARY', 'PRIMARY', 'PRIMARY'] as const;
      const rows = predictionsAt(served, times, () => variants[random.integer(variants.length)]);
      return log.append([...rows, ...predictionsAt(others, times.slice(0, 3), () => 'PRIMARY')]);
    });
    clock = new Date(start + upTo(80 * DAY));
    // Two replicas merge at once, beside the writes.
    await Promise.all([
      ...writes,
      rollup.merge(),
      new ProfileRollup({ dataSource: operation.dataSource, logger, now: () => clock }).merge(),
    ]);

    const from = new Date(start + upTo(60 * DAY));
    const to = new Date(from.getTime() + 1 + upTo(spans[random.integer(3)]));
    const { fromLog, fromProfiles, live } = await bothCounts(served, from, to);
    expect(fromProfiles).toEqual(fromLog);
    expect(live.windowStart.getTime()).toBeLessThanOrEqual(from.getTime());
    expect(live.windowEnd.getTime()).toBeGreaterThanOrEqual(to.getTime());
  }
  clock = new Date(start + 63 * DAY);
  await rollup.merge();
  expect(await rowsOf(served)).toEqual(expect.not.objectContaining({ MINUTE: expect.anything() as unknown }));
  clock = new Date(start + 200 * DAY);
  await rollup.merge();
  const rows = await rowsOf(served);
  expect([rows.HOUR, rows.MINUTE, rows.DELTA]).toEqual([undefined, undefined, 0]);
  expect(rows.DAY).toBeLessThanOrEqual(60);
  const { fromLog, fromProfiles } = await bothCounts(served, new Date(start), new Date(start + 60 * DAY));
  expect(fromProfiles).toEqual(fromLog);
  expect(fromProfiles[0]).toBeGreaterThan(1000);
}, 60_000);

test('rows that the log does not get leave no counts, and a faulty request beside others takes nothing of theirs', async () => {
  const served = await produced('faulty');
  const log = replica();
  const now = [new Date(clock.getTime() - MINUTE)];
  const [bad] = predictionsAt(served, now, () => 'PRIMARY');
  const appends = [
    log.append(predictionsAt(served, now, () => 'PRIMARY')),
    log.append([Object.assign(bad, { modelId: randomUUID() })]),
    log.append(predictionsAt(served, now, () => 'PRIMARY')),
  ];
  expect((await Promise.allSettled(appends)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  const { live, fromLog, fromProfiles } = await bothCounts(served, new Date(clock.getTime() - HOUR), clock);
  expect([live.rowCount, fromProfiles]).toEqual([2, fromLog]);
});

test('a merge that fails half-way leaves everything as it was', async () => {
  const served = await produced('half-way');
  await replica().append(predictionsAt(served, [clock, clock, clock], () => 'PRIMARY'));
  const { dataSource } = operation;
  const unknown = randomUUID();
  await dataSource.query(`INSERT INTO prediction_profile_deltas VALUES ($1, now(), 1, '')`, [unknown]);
  await expect(rollup.merge()).rejects.toThrow(/foreign key/);
  await dataSource.query(`DELETE FROM prediction_profile_deltas WHERE model_version_id = $1`, [unknown]);
  expect(await rowsOf(served)).toEqual({ DELTA: 1 });
  await rollup.merge();
  expect(await rowsOf(served)).toEqual({ DELTA: 0, MINUTE: 1 });
});

describe('Live drift', () => {
  it('judges features and predictions as a report on the same minutes does, and stores nothing', async () => {
    const { model, version } = await operation.inProduction('live');
    await operation.predictWindow('live', 1200, { minutes: 15, labelled: 0 });
    const live = await operation.liveDrift.read({ model: 'live', lastMinutes: 5 });
    expect(live).toMatchObject({
      verdict: 'DRIFT',
      currentRowCount: 1200,
      referenceRowCount: 2000,
      uncountedRowCount: 0,
    });
    expect(live.modelVersion.id).toBe(version.id);
    expect(live.features.map(({ feature, verdict }) => [feature, verdict])).toEqual([
      ['minutes', 'DRIFT'],
      ['plan', 'NO_DRIFT'],
      ['calls', 'NO_DRIFT'],
    ]);
    expect((await operation.driftReports.list(model.id, { first: 1 })).rows).toEqual([]);
    expect((await operation.alerts.list({ modelId: model.id, status: null }, { first: 1 })).rows).toEqual([]);
  });

  it('says INSUFFICIENT_DATA where nothing was served', async () => {
    await operation.inProduction('idle');
    const { verdict, currentRowCount } = await operation.liveDrift.read({ model: 'idle' });
    expect([verdict, currentRowCount]).toEqual(['INSUFFICIENT_DATA', 0]);
  });

  it('counts what it could not read the bins for, and does not take it for served', async () => {
    const served = await produced('unreadable');
    const lost = {
      get: () => Promise.reject(new Error('the disk is gone')),
      put: () => Promise.reject(new Error('no')),
    };
    const layouts = new ProfileLayouts({ dataSource: operation.dataSource, artifacts: lost });
    const log = new PredictionLog({
      dataSource: operation.dataSource,
      profiler: new LiveProfiler({ layouts, logger }),
    });
    await log.append(predictionsAt(served, [clock, clock], () => 'PRIMARY'));
    await replica().append(predictionsAt(served, [clock], () => 'PRIMARY'));
    await rollup.merge();
    const { currentRowCount, uncountedRowCount } = await operation.liveDrift.read({ model: 'unreadable' });
    expect([currentRowCount, uncountedRowCount]).toEqual([1, 2]);
  });

  it('refuses what it cannot answer, with the reason', async () => {
    const { version } = await operation.inProduction('bare');
    const read = (input: object) => operation.liveDrift.read({ model: 'bare', ...input });
    const [from, to] = [new Date('2026-01-01'), new Date('2026-01-02')];
    for (const window of [
      { from },
      { to },
      { from: to, to: from },
      { from, to, lastMinutes: 5 },
      { lastMinutes: 0 },
      { lastMinutes: 600_000 },
    ])
      await expect(read(window)).rejects.toThrow(InvalidInput);
    await expect(read({ version: 9 })).rejects.toThrow(NotFound);
    await operation.dataSource.query('UPDATE model_versions SET reference_profile_digest = NULL WHERE id = $1', [
      version.id,
    ]);
    await expect(read({})).rejects.toThrow(NotServable);
  });
});
