import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** From a cached read to a slow batch. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Predictions are asked for within a request of somebody else: what matters is below 100 ms. */
const PREDICTION_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

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

  readonly predictionDuration = new Histogram({
    name: 'mooring_prediction_duration_seconds',
    help: 'Predictions, from features to probability.',
    labelNames: ['model_name', 'model_version', 'variant'] as const,
    buckets: PREDICTION_SECONDS,
    registers: [this.registry],
  });

  private readonly predictions = new Counter({
    name: 'mooring_predictions_total',
    help: 'Predictions that were answered and logged.',
    labelNames: ['model_name', 'model_version', 'variant'] as const,
    registers: [this.registry],
  });

  private readonly operationDuration = new Histogram({
    name: 'mooring_graphql_operation_duration_seconds',
    help: `GraphQL operations by type and by name; names after the first ${MAX_OPERATION_NAMES} are "other".`,
    labelNames: ['operation_type', 'operation_name'] as const,
    buckets: SECONDS,
    registers: [this.registry],
  });

  private readonly operationNames = new Set<string>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Told by serving of every answer; the rows of a batch share its time. */
  predicted(
    labels: { model: string; version: number; variant: string | null },
    seconds: number,
    rowCount: number,
  ): void {
    const series = {
      model_name: labels.model,
      model_version: String(labels.version),
      variant: labels.variant ?? 'none',
    };
    this.predictionDuration.observe(series, seconds);
    this.predictions.inc(series, rowCount);
  }

  observeOperation(type: string, name: string | null, seconds: number): void {
    this.operationDuration.observe({ operation_type: type, operation_name: this.nameLabel(name) }, seconds);
  }

  /** A gauge per label value whose figures are read when Prometheus asks, such as the number of jobs by status. */
  addGauge(name: string, help: string, label: string, read: () => Promise<Readonly<Record<string, number>>>): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      async collect() {
        for (const [value, count] of Object.entries(await read())) this.set({ [label]: value }, count);
      },
    });
  }

  private nameLabel(name: string | null): string {
    if (name === null) return 'anonymous';
    if (this.operationNames.has(name)) return name;
    if (this.operationNames.size >= MAX_OPERATION_NAMES) return 'other';
    this.operationNames.add(name);
    return name;
  }
}
