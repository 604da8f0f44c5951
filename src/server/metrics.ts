import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { LabelLimit } from './label-limit';
import { PredictionMetrics } from './prediction-metrics';

/** From a cached read to a slow batch. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Clients name their operations; each name is a time series, so what comes after the first ones counts as "other". */
const MAX_OPERATION_NAMES = 100;

/** What the server counts and times, for Prometheus. Its own registry: two servers in one process do not add up. */
export class Metrics {
  readonly registry = new Registry();

  readonly httpRequestDuration = new Histogram({
    name: 'mooring_http_request_duration_seconds',
    help: 'HTTP requests by method, route and status.',
    labelNames: ['method', 'route', 'status_code'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly rootFieldDuration = new Histogram({
    name: 'mooring_graphql_resolver_duration_seconds',
    help: 'Resolvers of the fields of Query and Mutation.',
    labelNames: ['field'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly graphqlErrors = new Counter({
    name: 'mooring_graphql_errors_total',
    help: 'Errors that clients were told, by code: top-level errors and userErrors.',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });

  readonly subscriptions = new Gauge({
    name: 'mooring_graphql_subscriptions',
    help: 'Subscriptions that are open now.',
    registers: [this.registry],
  });

  private readonly bufferedPredictions = new Gauge({
    name: 'mooring_prediction_log_buffered',
    help: 'Predictions that were answered and are not in the log yet: what a crash would lose. 0 in durable mode.',
    registers: [this.registry],
  });

  private readonly lostPredictions = new Counter({
    name: 'mooring_prediction_log_lost_total',
    help: 'Predictions that were answered and could not be written to the log. 0 in durable mode.',
    registers: [this.registry],
  });

  private readonly operationDuration = new Histogram({
    name: 'mooring_graphql_operation_duration_seconds',
    help: `GraphQL operations by type and by name; names after the first ${MAX_OPERATION_NAMES} are "other".`,
    labelNames: ['operation_type', 'operation_name'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });

  private readonly operationNames = new LabelLimit(MAX_OPERATION_NAMES);
  private readonly predictionMetrics = new PredictionMetrics(this.registry);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    countEventLoopActivity(this.registry);
  }

  /** Told by serving of every answer; the rows of a batch share its time. */
  readonly predicted = this.predictionMetrics.predicted.bind(this.predictionMetrics);

  /** Told by serving of every row without an answer. */
  readonly failed = this.predictionMetrics.failed.bind(this.predictionMetrics);

  /** Told by the prediction log in fast mode. */
  predictionsBuffered(rowCount: number): void {
    this.bufferedPredictions.set(rowCount);
  }

  predictionsLost(rowCount: number): void {
    this.lostPredictions.inc(rowCount);
  }

  observeOperation(type: string, name: string | null, seconds: number): void {
    this.operationDuration.observe({ operation_type: type, operation_name: this.nameLabel(name) }, seconds);
  }

  private nameLabel(name: string | null): string {
    if (name === null) return 'anonymous';
    return this.operationNames.admits(name) ? name : 'other';
  }
}

/**
 * The lag of prom-client's defaults has a floor of 10 ms, begins anew with every scrape, whoever scrapes, and its percentiles are of ticks: 300 ms without
 * one are a single tick in a second, and the p99 stayed at 15 ms. Its maximum sees them; how busy the loop is, only this says.
 */
function countEventLoopActivity(registry: Registry): void {
  let counted = 0;
  new Counter({
    name: 'mooring_event_loop_active_seconds_total',
    help: 'Time in which the event loop was not waiting for something to do; its rate is the utilization, 0 to 1.',
    registers: [registry],
    collect() {
      const { active } = performance.eventLoopUtilization();
      this.inc(Math.max(0, active - counted) / 1000);
      counted = Math.max(counted, active);
    },
  });
}
