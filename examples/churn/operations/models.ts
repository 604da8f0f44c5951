import { JOB_FIELDS, mutation, operation, type JobState, type Metric } from './operation';

export type Stage = 'NONE' | 'STAGING' | 'PRODUCTION' | 'ARCHIVED';

export interface QualityPolicyInput {
  readonly minimumEvaluationRows: number;
  readonly rules: readonly {
    readonly metric: string;
    readonly comparison: 'AT_LEAST' | 'AT_MOST';
    readonly threshold?: number;
    readonly maxRegression?: number;
  }[];
}

export const MODEL = operation<
  {
    readonly model: {
      readonly production: { readonly version: number } | null;
    } | null;
    readonly retrainingPolicy: { readonly revision: number } | null;
  },
  { readonly name: string }
>(`
  query ExampleModel($name: String!) {
    model(name: $name) { production { version } }
    retrainingPolicy(model: $name) { revision }
  }
`);

export const CREATE_MODEL = mutation<
  { readonly model: { readonly id: string } },
  { name: string; description: string; qualityPolicy: QualityPolicyInput }
>(`
  mutation ExampleCreateModel($input: CreateModelInput!) {
    payload: createModel(input: $input) { model { id } userErrors { code field message } }
  }
`);

export const SET_RETRAINING_POLICY = mutation<
  { readonly retrainingPolicy: { readonly revision: number } },
  {
    model: string;
    onDrift: boolean;
    cooldownSeconds: number;
    lookbackSeconds: number | null;
    promotion: { automatic: boolean; metric: string; minimumImprovement: number; minimumHeldOutRows: number };
    revision: number | null;
  }
>(`
  mutation ExampleSetRetrainingPolicy($input: SetRetrainingPolicyInput!) {
    payload: setRetrainingPolicy(input: $input) { retrainingPolicy { revision } userErrors { code field message } }
  }
`);

export const START_TRAINING = mutation<
  { readonly trainingRun: { readonly id: string }; readonly job: JobState },
  {
    model: string;
    datasetId: string;
    algorithm: 'GRADIENT_BOOSTING';
    parameters: { learningRate?: number };
    idempotencyKey: string;
  }
>(`
  mutation ExampleStartTraining($input: StartTrainingInput!) {
    payload: startTraining(input: $input) { trainingRun { id } job { ${JOB_FIELDS} } userErrors { code field message } }
  }
`);

export interface TrainingRunFacts {
  readonly metrics: readonly Metric[];
  readonly baselineMetrics: readonly Metric[];
  readonly featureImportance: readonly { readonly feature: string; readonly share: number }[];
  readonly parityMaxError: number | null;
  readonly heldOutRowCount: number | null;
}

export const TRAINING_RUN = operation<{ readonly trainingRun: TrainingRunFacts | null }, { readonly id: string }>(`
  query ExampleTrainingRun($id: ID!) {
    trainingRun(id: $id) {
      metrics { name value }
      baselineMetrics { name value }
      featureImportance { feature share }
      parityMaxError
      heldOutRowCount
    }
  }
`);

export interface Submission {
  readonly status: 'PASSED' | 'REJECTED';
  readonly checks: readonly {
    readonly kind: string;
    readonly name: string;
    readonly passed: boolean;
    readonly message: string;
  }[];
}

export const REGISTER_MODEL_VERSION = mutation<
  { readonly submission: Submission; readonly modelVersion: { readonly version: number } | null },
  { model: string; trainingRunId: string; description: string }
>(`
  mutation ExampleRegisterModelVersion($input: RegisterModelVersionInput!) {
    payload: registerModelVersion(input: $input) {
      submission { status checks { kind name passed message } }
      modelVersion { version }
      userErrors { code field message }
    }
  }
`);

export const MODEL_VERSION = operation<
  { readonly modelVersion: { readonly stage: Stage } | null },
  { readonly model: string; readonly version: number }
>(`
  query ExampleModelVersion($model: String!, $version: Int!) {
    modelVersion(model: $model, version: $version) { stage }
  }
`);

export const TRANSITION = mutation<
  { readonly transition: { readonly toStage: Stage } },
  { model: string; version: number; expectedStage: Stage; toStage: Stage; reason: string }
>(`
  mutation ExampleTransition($input: TransitionInput!) {
    payload: transitionModelVersion(input: $input) { transition { toStage } userErrors { code field message } }
  }
`);

export const REGISTRY = operation<
  {
    readonly modelVersions: {
      readonly nodes: readonly {
        readonly version: number;
        readonly stage: Stage;
        readonly metrics: readonly Metric[];
      }[];
    };
    readonly modelTransitions: {
      readonly nodes: readonly {
        readonly modelVersion: { readonly version: number };
        readonly fromStage: Stage;
        readonly toStage: Stage;
        readonly actor: string;
        readonly reason: string;
        readonly createdAt: string;
      }[];
    };
    readonly verifyAuditTrail: { readonly valid: boolean; readonly message: string };
  },
  { readonly model: string }
>(`
  query ExampleRegistry($model: String!) {
    modelVersions(model: $model, first: 100) { nodes { version stage metrics { name value } } }
    modelTransitions(model: $model, first: 100) {
      nodes { modelVersion { version } fromStage toStage actor reason createdAt }
    }
    verifyAuditTrail(model: $model) { valid message }
  }
`);
