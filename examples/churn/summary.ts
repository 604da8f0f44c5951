import type { DriftReportFacts, TriggerEvaluationFacts } from './operations/monitoring';
import type { DatasetFacts } from './operations/features';
import type { Stage, Submission, TrainingRunFacts } from './operations/models';
import type { Metric } from './operations/operation';
import type { ReceivedAlert } from './steps/alert-listener';
import type { GivenPrediction } from './steps/predict';

export interface HeldOutMetrics {
  readonly auc: number | null;
  readonly f1: number | null;
  readonly logLoss: number | null;
}

/** What a run of the example has brought: with `--json` this object, else the table of `formatSummary`. */
export interface ChurnSummary extends HeldOutMetrics {
  /** Where the rows come from. */
  readonly source: string;
  readonly notes: readonly string[];
  readonly model: string;
  /** Logistic regression on the same held-out rows. */
  readonly baseline: HeldOutMetrics;
  readonly dataset: DatasetFacts;
  /** Most important first, shares of 1. */
  readonly featureImportance: TrainingRunFacts['featureImportance'];
  /** Greatest difference between the ONNX model's probabilities and the trainer's. */
  readonly parityMaxError: number | null;
  readonly gate: Submission;
  readonly versions: readonly ({ readonly version: number; readonly stage: Stage } & HeldOutMetrics)[];
  /** Stage by version. */
  readonly stages: Readonly<Record<string, Stage>>;
  /** Oldest first. */
  readonly transitions: readonly {
    readonly version: number;
    readonly from: Stage;
    readonly to: Stage;
    readonly actor: string;
    readonly reason: string;
    readonly at: string;
  }[];
  readonly auditTrailValid: boolean;
  readonly predictions: {
    readonly byId: number;
    readonly meanProbability: number;
    readonly outcomeRatio: number;
    readonly given: readonly GivenPrediction[];
  };
  readonly drift: DriftReportFacts;
  /** What the listener received, in the order of arrival. */
  readonly alerts: readonly ReceivedAlert[];
  /** What the drift trigger did; null when nothing drifted. */
  readonly retraining: TriggerEvaluationFacts | null;
  /** Seconds by step. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly totalSeconds: number;
}

/** The figures that the summary shows of a list of metrics; null for one that is not there. */
export function heldOutMetrics(metrics: readonly Metric[]): HeldOutMetrics {
  const value = (wanted: string): number | null => metrics.find(({ name }) => name === wanted)?.value ?? null;
  return { auc: value('auc'), f1: value('f1'), logLoss: value('logLoss') };
}

/** What a line is about, and what there is to say. */
type Line = [string, string];

const MEASURED_NOTE =
  'Each version is measured on the held-out rows of its own dataset; Retraining below compares both on the same rows.';

/** What the gate found wrong, a sentence each. */
export const failedChecks = ({ checks }: Submission): string =>
  checks
    .filter(({ passed }) => !passed)
    .map(({ message }) => message)
    .join(' ');

/** The summary for people: one table for the models, and a line for everything else. */
export function formatSummary(summary: ChurnSummary): string {
  const { dataset, drift, retraining, predictions } = summary;
  const mainFeatures = summary.featureImportance.slice(0, 5);
  const models = [
    ['', 'AUC', 'F1', 'log loss', 'stage'],
    ...summary.versions.map((version) => [`version ${version.version}`, ...shownMetrics(version), version.stage]),
    ['logistic regression', ...shownMetrics(summary.baseline), '(baseline of this run)'],
  ];
  const drifted = drift.features
    .filter(({ verdict }) => verdict === 'DRIFT')
    .sort((a, b) => (b.klDivergence ?? 0) - (a.klDivergence ?? 0));
  const below = (texts: readonly string[]): Line[] => texts.map((text) => ['', text]);
  const lines: Line[] = [
    ['Data', summary.source],
    ...below(summary.notes),
    ['Dataset', `${count(dataset.rowCount)} rows, ${count(dataset.heldOutRowCount)} of them held out`],
    ...below(dataset.warnings),
    ['Learned from', mainFeatures.map(({ feature, share }) => `${feature} ${shown(share, 2)}`).join(', ')],
    ['Quality gate', `${summary.gate.status} ${failedChecks(summary.gate)}`],
    ['Transitions', summary.transitions.map(({ version, from, to }) => `${version}: ${from} → ${to}`).join(', ')],
    ['Audit trail', summary.auditTrailValid ? 'verified' : 'BROKEN'],
    [
      'Predictions',
      `${count(predictions.byId)} by id, mean ${shown(predictions.meanProbability)}; ${shown(predictions.outcomeRatio)} left`,
    ],
    ...below(predictions.given.map(({ description, probability }) => `${shown(probability)}  ${description}`)),
    [
      'Drift',
      `${drift.verdict ?? 'no verdict'} (version ${drift.modelVersion.version}, ${count(drift.currentRowCount)} predictions)`,
    ],
    [
      '  features (KL)',
      drifted.map(({ feature, klDivergence }) => `${feature} ${shown(klDivergence)}`).join(', ') || 'none',
    ],
    [
      '  predictions (JS)',
      drift.prediction ? `${drift.prediction.verdict}, distance ${shown(drift.prediction.jsDistance)}` : 'not compared',
    ],
    [
      '  concept (KS)',
      drift.concept
        ? `${drift.concept.verdict}, D ${shown(drift.concept.ksStatistic)}, p ${small(drift.concept.ksPValue)}`
        : 'not compared',
    ],
    ['Alerts received', summary.alerts.map(({ title, severity }) => `${severity}: ${title}`).join('; ') || 'none'],
    ['Retraining', retraining ? retrainingLine(retraining) : 'none: nothing drifted'],
    ...(retraining?.outcome
      ? [['  on the same rows', comparedLine(retraining.outcome.comparison)] satisfies Line]
      : []),
    ['Time', `${summary.totalSeconds.toFixed(1)} s`],
  ];
  return [
    ...table(models),
    MEASURED_NOTE,
    '',
    ...lines.map(([name, text]) => `${name.padEnd(18)} ${text}`.trimEnd()),
  ].join('\n');
}

function retrainingLine({ decision, reason, outcome }: NonNullable<ChurnSummary['retraining']>): string {
  if (!outcome) return `${decision}: ${reason}`;
  const version = outcome.modelVersion ? `version ${outcome.modelVersion.version}` : 'the new model';
  return `${version} ${outcome.promoted ? 'was promoted' : 'was not promoted'}. ${outcome.reason}`;
}

/** "AUC 0.7918 → 0.8663", for the metrics of the table. */
function comparedLine(comparison: readonly { metric: string; production: number; challenger: number }[]): string {
  const names: Readonly<Record<string, string>> = { auc: 'AUC', f1: 'F1', logLoss: 'log loss' };
  return comparison
    .filter(({ metric }) => metric in names)
    .map(({ metric, production, challenger }) => `${names[metric]} ${shown(production, 4)} → ${shown(challenger, 4)}`)
    .join(', ');
}

const shownMetrics = ({ auc, f1, logLoss }: HeldOutMetrics): string[] => [
  shown(auc, 4),
  shown(f1, 4),
  shown(logLoss, 4),
];
const shown = (value: number | null, digits = 3): string => value?.toFixed(digits) ?? '—';
const small = (value: number | null): string =>
  value === null ? '—' : value < 0.001 ? value.toExponential(1) : value.toFixed(3);
const count = (value: number): string => value.toLocaleString('en');

/** Columns as wide as their widest cell; the first and the last to the left, figures to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === row.length - 1 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  );
}
