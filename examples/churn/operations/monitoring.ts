import { JOB_FIELDS, mutation, operation, type JobState, type Metric } from './operation';

export const SET_MONITORING_POLICY = mutation<
  { readonly monitoringPolicy: { readonly revision: number } },
  { model: string; alpha: number; jsThreshold: number }
>(`
  mutation ExampleSetMonitoringPolicy($input: SetMonitoringPolicyInput!) {
    payload: setMonitoringPolicy(input: $input) {
      monitoringPolicy { revision }
      userErrors { code field message }
    }
  }
`);

export const RUN_DRIFT_REPORT = mutation<
  { readonly driftReport: { readonly id: string }; readonly job: JobState },
  { model: string; from: string; to: string }
>(`
  mutation ExampleRunDriftReport($input: RunDriftReportInput!) {
    payload: runDriftReport(input: $input) {
      driftReport { id }
      job { ${JOB_FIELDS} }
      userErrors { code field message }
    }
  }
`);

type ColumnVerdict = 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_DATA' | 'EMPTY';

export interface DriftReportFacts {
  readonly id: string;
  readonly modelVersion: { readonly version: number };
  readonly verdict: 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_DATA' | null;
  readonly currentRowCount: number;
  readonly labelledRowCount: number;
  readonly features: readonly {
    readonly feature: string;
    readonly verdict: ColumnVerdict;
    readonly klDivergence: number | null;
    readonly threshold: number;
  }[];
  readonly prediction: {
    readonly verdict: ColumnVerdict;
    readonly jsDivergence: number | null;
    readonly jsDistance: number | null;
  } | null;
  readonly concept: {
    readonly verdict: 'DRIFT' | 'NO_DRIFT' | 'INSUFFICIENT_LABELS';
    readonly ksStatistic: number | null;
    readonly ksPValue: number | null;
    readonly calibrationZ: number | null;
    readonly note: string;
  } | null;
  readonly performance: readonly Metric[];
  readonly alert: { readonly id: string } | null;
}

export const DRIFT_REPORT = operation<{ readonly driftReport: DriftReportFacts | null }, { readonly id: string }>(`
  query ExampleDriftReport($id: ID!) {
    driftReport(id: $id) {
      id
      modelVersion { version }
      verdict
      currentRowCount
      labelledRowCount
      features { feature verdict klDivergence threshold }
      prediction { verdict jsDivergence jsDistance }
      concept { verdict ksStatistic ksPValue calibrationZ note }
      performance { name value }
      alert { id }
    }
  }
`);

export interface AlertEvent {
  readonly cursor: string;
  readonly event: {
    readonly change: 'RAISED' | 'ACKNOWLEDGED' | 'RESOLVED' | 'RECURRED';
    readonly alert: {
      readonly id: string;
      readonly title: string;
      readonly severity: string;
      readonly causes: readonly string[];
      readonly driftReport: { readonly id: string } | null;
    };
  };
}

export const DRIFT_ALERTS = operation<
  { readonly driftAlerts: AlertEvent },
  { readonly model: string; readonly after: string | null }
>(`
  subscription ExampleDriftAlerts($model: String!, $after: String) {
    driftAlerts(model: $model, after: $after) {
      cursor
      event { change alert { id title severity causes driftReport { id } } }
    }
  }
`);

export interface TriggerEvaluationFacts {
  readonly decision: 'FIRED' | 'SKIPPED' | 'FAILED';
  readonly reason: string;
  readonly driftReport: { readonly id: string } | null;
  readonly job: JobState | null;
  readonly outcome: {
    readonly promoted: boolean;
    readonly reason: string;
    readonly modelVersion: { readonly version: number } | null;
    readonly comparison: readonly {
      readonly metric: string;
      readonly production: number;
      readonly challenger: number;
    }[];
    readonly comparedRowCount: number;
  } | null;
}

export const TRIGGER_EVALUATIONS = operation<
  { readonly triggerEvaluations: { readonly nodes: readonly TriggerEvaluationFacts[] } },
  { readonly model: string }
>(`
  query ExampleTriggerEvaluations($model: String!) {
    triggerEvaluations(model: $model, first: 10) {
      nodes {
        decision
        reason
        driftReport { id }
        job { ${JOB_FIELDS} }
        outcome { promoted reason modelVersion { version } comparison { metric production challenger } comparedRowCount }
      }
    }
  }
`);
