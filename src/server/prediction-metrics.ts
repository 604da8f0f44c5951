import { Counter, Histogram, type Registry } from 'prom-client';
import { VARIANTS } from '../entities/enums';
import { LabelLimit } from './label-limit';

/** Predictions are asked for within a request of somebody else: what matters is below 100 ms. */
const SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Of model versions that predict. Each has a histogram of 14 series and a counter, for up to four variants. */
export const MAX_PREDICTING_VERSIONS = 200;
/** Versions retire. One that was not asked for so long gives its place to another; its counters begin anew if it comes back, as after a restart. */
export const VERSION_IDLE_MS = 3_600_000;
/** Of models with errors, each with a series per code. */
export const MAX_MODELS_WITH_ERRORS = 200;

/** No model is called so. */
const OTHER = '(other)';
const UNKNOWN = '(unknown)';
/** Of a version that is outside of the traffic. */
const NO_VARIANT = 'none';

const LABELS = ['model_name', 'model_version', 'variant'] as const;

/** How often, how fast and for which models predictions are made; serving tells. */
export class PredictionMetrics {
  private readonly duration;
  private readonly predictions;
  private readonly errors;
  private readonly versions = new LabelLimit(MAX_PREDICTING_VERSIONS, {
    idleMs: VERSION_IDLE_MS,
    onForgotten: (key) => this.forget(key),
  });
  private readonly models = new LabelLimit(MAX_MODELS_WITH_ERRORS);

  constructor(registry: Registry) {
    const registers = [registry];
    const bound = `Model versions beyond the ${MAX_PREDICTING_VERSIONS} that were asked of late are "${OTHER}".`;
    this.duration = new Histogram({
      name: 'mooring_prediction_duration_seconds',
      help: `Requests for predictions that were answered, from features to log. ${bound}`,
      labelNames: LABELS,
      buckets: SECONDS,
      registers,
    });
    this.predictions = new Counter({
      name: 'mooring_predictions_total',
      help: `Predictions that were answered and logged. ${bound}`,
      labelNames: LABELS,
      registers,
    });
    this.errors = new Counter({
      name: 'mooring_prediction_errors_total',
      help: `Rows that were to be predicted and got an error instead, by its code. Names that no model has are "${UNKNOWN}", models beyond the first ${MAX_MODELS_WITH_ERRORS} "${OTHER}".`,
      labelNames: ['model_name', 'code'] as const,
      registers,
    });
  }

  /** An answer; the rows of a batch share its time. */
  predicted(
    { model, version, variant }: { model: string; version: number; variant: string | null },
    seconds: number,
    rowCount: number,
  ): void {
    this.models.admits(model);
    const key = `${model} ${version}`;
    const series = { ...labelsOf(this.versions.admits(key) ? key : OTHER_VERSION), variant: variant ?? NO_VARIANT };
    this.duration.observe(series, seconds);
    this.predictions.inc(series, rowCount);
  }

  /** Rows without an answer. @param isKnown whether there is a model of that name, as far as the request has got */
  failed({ model, isKnown, code }: { model: string; isKnown: boolean; code: string }, rowCount: number): void {
    this.errors.inc({ model_name: this.modelLabel(model, isKnown), code }, rowCount);
  }

  /** Names come from clients: only those that have been seen to be a model's are labels. */
  private modelLabel(model: string, isKnown: boolean): string {
    if (!isKnown) return this.models.has(model) ? model : UNKNOWN;
    return this.models.admits(model) ? model : OTHER;
  }

  private forget(key: string): void {
    for (const variant of [...VARIANTS, NO_VARIANT]) {
      this.duration.remove({ ...labelsOf(key), variant });
      this.predictions.remove({ ...labelsOf(key), variant });
    }
  }
}

const OTHER_VERSION = `${OTHER} ${OTHER}`;

/** @param key model and version; there is no blank in the name of a model */
function labelsOf(key: string): { model_name: string; model_version: string } {
  const [model_name, model_version] = key.split(' ');
  return { model_name, model_version };
}
