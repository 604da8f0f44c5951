import { Counter, type Registry } from 'prom-client';
import type { RelayLag } from '../services/events';
import type { JobDepth } from '../services/jobs';
import type { AlertCount, DriftScores } from '../services/monitoring';
import { CachedReading } from './cached-reading';
import { addDriftGauges } from './drift-gauges';
import { type AddGauge, gaugeAdder, type Sample } from './scraped-gauge';

/** Where the figures come from that are read when Prometheus asks. */
export interface Readings {
  jobs(): Promise<readonly JobDepth[]>;
  relay(): Promise<RelayLag>;
  alerts(): Promise<readonly AlertCount[]>;
  drift(): Promise<DriftScores>;
  /** Of this process; the others are of the database, and so the same on every replica. */
  serving(): Promise<{ readonly rowsInProgress: number; readonly rowsWaitingForLog: number }>;
}

/** Answers of the database are kept for so long, whoever asks. */
const KEEP_MS = 5_000;
const TIMEOUT_MS = 3_000;

const single = (value: number): Sample[] => [{ labels: {}, value }];

/** Adds the gauges of queues, alerts and drift. Series: 3 a kind of job, 2 a severity, and those of drift (drift-gauges.ts). */
export function addScrapedMetrics(registry: Registry, readings: Readings): void {
  const failures = new Counter({
    name: 'mooring_metrics_reading_failures_total',
    help: 'Figures that could not be read for a scrape, which then lacks their metrics.',
    labelNames: ['reading'] as const,
    registers: [registry],
  });
  const gaugesOf = <Value>(reading: string, read: () => Promise<Value>, keepMs = KEEP_MS): AddGauge<Value> => {
    const onFailed = () => failures.inc({ reading });
    failures.inc({ reading }, 0);
    return gaugeAdder(registry, new CachedReading(read, { keepMs, timeoutMs: TIMEOUT_MS, onFailed }));
  };

  addJobGauges(gaugesOf('jobs', () => readings.jobs()));
  addRelayGauges(gaugesOf('relay', () => readings.relay()));
  addServingGauges(gaugesOf('serving', () => readings.serving(), 0));
  gaugesOf('alerts', () => readings.alerts())(
    'mooring_alerts',
    'Alerts that are not resolved.',
    ['severity', 'status'],
    (counts) => counts.map(({ severity, status, count }) => ({ labels: { severity, status }, value: count })),
  );
  addDriftGauges(gaugesOf('drift', () => readings.drift()));
}

function addJobGauges(gauge: AddGauge<readonly JobDepth[]>): void {
  gauge('mooring_jobs', 'Jobs that are not finished.', ['kind', 'status'], (depths) =>
    depths.flatMap(({ kind, queuedCount, runningCount }) => [
      { labels: { kind, status: 'QUEUED' }, value: queuedCount },
      { labels: { kind, status: 'RUNNING' }, value: runningCount },
    ]),
  );
  gauge(
    'mooring_job_oldest_queued_seconds',
    'Since the oldest of the queued jobs was made; 0 when none is queued.',
    ['kind'],
    (depths) => depths.map(({ kind, oldestQueuedSeconds }) => ({ labels: { kind }, value: oldestQueuedSeconds })),
  );
}

function addRelayGauges(gauge: AddGauge<RelayLag>): void {
  gauge('mooring_outbox_waiting_events', 'Events that wait to be relayed, counted up to 100,000.', [], (lag) =>
    single(lag.waitingCount),
  );
  gauge(
    'mooring_outbox_relay_lag_seconds',
    'Since the oldest event that waits to be relayed was recorded; 0 when none waits.',
    [],
    (lag) => single(lag.lagSeconds),
  );
}

function addServingGauges(gauge: AddGauge<{ rowsInProgress: number; rowsWaitingForLog: number }>): void {
  gauge(
    'mooring_prediction_rows_in_progress',
    'Rows that are looked up, scored or logged now. At 20,000 requests are turned away as OVERLOADED.',
    [],
    (load) => single(load.rowsInProgress),
  );
  gauge(
    'mooring_prediction_log_waiting_rows',
    'Predictions that are scored and wait for their write to the log to begin; their answers wait as well.',
    [],
    (load) => single(load.rowsWaitingForLog),
  );
}
