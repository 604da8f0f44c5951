import { Registry } from 'prom-client';
import { CachedReading } from '../../../src/server/cached-reading';
import { addScrapedMetrics, type Readings } from '../../../src/server/scraped-metrics';
import type { DriftScores } from '../../../src/services/monitoring';

const NO_DRIFT: DriftScores = { versions: [], versionsLeftOut: 0, featuresLeftOut: 0 };

function readings(changes: Partial<Readings> = {}): Readings {
  return {
    jobs: async () => [{ kind: 'TRAINING', queuedCount: 2, runningCount: 1, oldestQueuedSeconds: 30 }],
    relay: async () => ({ waitingCount: 4, lagSeconds: 0.5 }),
    alerts: async () => [{ severity: 'CRITICAL', status: 'OPEN', count: 3 }],
    drift: async () => NO_DRIFT,
    serving: async () => ({ rowsInProgress: 10, rowsWaitingForLog: 5 }),
    ...changes,
  };
}

async function scrape(changes: Partial<Readings> = {}): Promise<string[]> {
  const registry = new Registry();
  addScrapedMetrics(registry, readings(changes));
  return linesOf(registry);
}

const linesOf = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

const VERSION: DriftScores['versions'][number] = {
  model: 'churn',
  version: 2,
  windowEnd: new Date('2026-03-01T00:00:00Z'),
  verdict: 'DRIFT',
  predictionVerdict: 'NO_DRIFT',
  jsDivergence: 0.0001,
  jsDistance: 0.01,
  conceptVerdict: 'INSUFFICIENT_LABELS',
  ksStatistic: null,
  calibrationZ: null,
  features: [
    { feature: 'minutes', klDivergence: 0.7, verdict: 'DRIFT' },
    { feature: 'say "hi"\n', klDivergence: null, verdict: 'EMPTY' },
  ],
};

describe('what is read for a scrape', () => {
  it('is queues, load and alerts', async () => {
    expect(await scrape()).toEqual(
      expect.arrayContaining([
        'mooring_jobs{kind="TRAINING",status="QUEUED"} 2',
        'mooring_jobs{kind="TRAINING",status="RUNNING"} 1',
        'mooring_job_oldest_queued_seconds{kind="TRAINING"} 30',
        'mooring_outbox_waiting_events 4',
        'mooring_outbox_relay_lag_seconds 0.5',
        'mooring_prediction_rows_in_progress 10',
        'mooring_prediction_log_waiting_rows 5',
        'mooring_alerts{severity="CRITICAL",status="OPEN"} 3',
        'mooring_metrics_reading_failures_total{reading="drift"} 0',
      ]),
    );
  });

  it('is drift, with no series for a figure that a report does not have', async () => {
    const lines = await scrape({ drift: async () => ({ ...NO_DRIFT, versions: [VERSION], featuresLeftOut: 7 }) });
    const labels = 'model_name="churn",model_version="2"';
    expect(lines.filter((line) => line.startsWith('mooring_drift_'))).toEqual([
      `mooring_drift_feature_kl_divergence{${labels},feature="minutes"} 0.7`,
      `mooring_drift_feature_verdict{${labels},feature="minutes",verdict="DRIFT"} 1`,
      `mooring_drift_feature_verdict{${labels},feature="say \\"hi\\"\\n",verdict="EMPTY"} 1`,
      `mooring_drift_prediction_js_divergence{${labels}} 0.0001`,
      `mooring_drift_prediction_js_distance{${labels}} 0.01`,
      `mooring_drift_verdict{${labels},scope="report",verdict="DRIFT"} 1`,
      `mooring_drift_verdict{${labels},scope="prediction",verdict="NO_DRIFT"} 1`,
      `mooring_drift_verdict{${labels},scope="concept",verdict="INSUFFICIENT_LABELS"} 1`,
      `mooring_drift_report_window_end_timestamp_seconds{${labels}} 1772323200`,
      'mooring_drift_left_out{what="versions"} 0',
      'mooring_drift_left_out{what="features"} 7',
    ]);
  });

  it('is gone with the next scrape when it is no longer so', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    const registry = new Registry();
    let versions = [VERSION];
    addScrapedMetrics(registry, readings({ drift: async () => ({ ...NO_DRIFT, versions }) }));
    const drifts = async () => (await linesOf(registry)).filter((line) => line.startsWith('mooring_drift_verdict'));
    expect(await drifts()).toHaveLength(3);
    versions = [];
    clock.mockReturnValue(4_999);
    expect(await drifts()).toHaveLength(3);
    clock.mockReturnValue(5_000);
    expect(await drifts()).toEqual([]);
    clock.mockRestore();
  });

  it('is left out and counted when it cannot be read, and nothing else is', async () => {
    const registry = new Registry();
    const refuse = () => Promise.reject(new Error('the database is away'));
    addScrapedMetrics(registry, readings({ jobs: refuse, relay: refuse }));
    await registry.metrics();
    const lines = await linesOf(registry);
    expect(lines.filter((line) => /^mooring_(jobs|job_|outbox)/.test(line))).toEqual([]);
    expect(lines).toContain('mooring_alerts{severity="CRITICAL",status="OPEN"} 3');
    expect(lines).toContain('mooring_metrics_reading_failures_total{reading="jobs"} 1');
    expect(lines).toContain('mooring_metrics_reading_failures_total{reading="relay"} 1');
    expect(lines).toContain('mooring_metrics_reading_failures_total{reading="alerts"} 0');
  });
});

describe('a cached reading', () => {
  it('reads once for all who ask within its time, and again after it', async () => {
    let count = 0;
    const reading = new CachedReading(async () => (count += 1), {
      keepMs: 100,
      timeoutMs: 1000,
      onFailed: () => undefined,
    });
    expect(await Promise.all([reading.get(0), reading.get(0), reading.get(99)])).toEqual([1, 1, 1]);
    expect(await reading.get(99)).toBe(1);
    expect(await reading.get(100)).toBe(2);
  });

  it('gives up on an answer that does not come, and asks again only when that has ended', async () => {
    let failures = 0;
    const pending: ((value: string) => void)[] = [];
    const reading = new CachedReading(() => new Promise<string>((resolve) => pending.push(resolve)), {
      keepMs: 100,
      timeoutMs: 20,
      onFailed: () => (failures += 1),
    });
    expect(await reading.get(0)).toBeNull();
    expect(await reading.get(100)).toBeNull();
    expect([failures, pending.length]).toEqual([2, 1]);
    pending[0]('too late');
    await new Promise((resolve) => setImmediate(resolve));
    const next = reading.get(200);
    pending[1]('in time');
    expect([await next, failures]).toEqual(['in time', 2]);
  });
});
