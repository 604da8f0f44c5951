/** The operations that the playground opens with: some of each kind, which work on the churn example. A test holds them against the schema. */
export interface PlaygroundExample {
  readonly name: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

export const PLAYGROUND_EXAMPLES: readonly PlaygroundExample[] = [
  {
    name: 'Models',
    query: `# Run it with Ctrl-Enter. "Docs" in the upper right tells of everything there is.
query Models {
  models {
    totalCount
    nodes {
      name
      owner
      production {
        version
        metrics { name value }
        featureService { service { name } version }
        dataset { name rowCount }
      }
      transitions(first: 5) {
        nodes { modelVersion { version } fromStage toStage reason actor createdAt }
      }
    }
  }
}
`,
  },
  {
    name: 'Predict',
    query: `# The features come from the online store. A mutation, because the prediction is logged:
# its outcome can be reported later, and drift is computed on it.
mutation Predict($input: PredictInput!) {
  predict(input: $input) {
    prediction {
      id
      probability
      label
      modelVersion { version }
      features { name value status }
      latencyMs
    }
    userErrors { code field message }
  }
}
`,
    variables: { input: { model: 'churn', entity: { subscriber_id: 'S000001' } } },
  },
  {
    name: 'Search',
    query: `# In one line what the argument "filter" takes typed. Leave "model" out to search all models, or ask "models" the same.
query Search($search: String) {
  modelVersions(search: $search, orderBy: [{ field: METRIC, metric: "auc", direction: DESC }]) {
    nodes {
      model { name }
      version
      stage
      tags
      metrics { name value }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: { search: 'name~churn auc>0.7 stage IN (production, archived)' },
  },
  {
    name: 'Versions and their checks',
    query: `query Versions($model: String!) {
  modelVersions(model: $model) {
    nodes {
      id
      version
      stage
      metrics { name value }
      submission { status checks { name rule threshold actual baseline passed } }
      trainingRun { algorithm trigger featureImportance { feature share } }
    }
  }
}
`,
    variables: { model: 'churn' },
  },
  {
    name: 'Compare versions',
    query: `# Paste the ids of two versions, from "Versions and their checks".
query Compare($ids: [ID!]!) {
  compareModelVersions(ids: $ids) {
    versions {
      model { name }
      version
      stage
      evaluation { rowCount segments { feature value rowCount metrics { name value } } binary { auc roc { falsePositiveRate truePositiveRate } } }
    }
    metrics { name values deltas higherIsBetter bestIndex }
    params { name values differ }
    signature { name dtypes differ }
    lineage { fact values differ }
  }
}
`,
    variables: { ids: ['id of a version', 'id of another'] },
  },
  {
    name: 'Drift',
    query: `query Drift($model: String!) {
  driftReports(model: $model, first: 3) {
    nodes {
      verdict
      windowStart
      windowEnd
      currentRowCount
      driftedFeatureCount
      features { feature verdict klDivergence threshold pValue }
      prediction { verdict jsDivergence }
      concept { verdict ksStatistic ksPValue note }
      alert { status title causes }
    }
  }
  triggerEvaluations(model: $model, first: 3) {
    nodes { decision reason outcome { promoted reason comparison { metric production challenger } } }
  }
}
`,
    variables: { model: 'churn' },
  },
  {
    name: 'Promote',
    query: `# Rolls back to version 1. expectedStage guards against somebody who was quicker.
mutation Promote($input: TransitionInput!) {
  transitionModelVersion(input: $input) {
    modelVersion { version stage }
    archivedVersion { version stage }
    transition { reason actor createdAt }
    userErrors { code field message }
  }
}
`,
    variables: {
      input: { model: 'churn', version: 1, expectedStage: 'ARCHIVED', toStage: 'PRODUCTION', reason: 'Roll back' },
    },
  },
  {
    name: 'Listen',
    query: `# Runs until you stop it; promote something meanwhile. With the last cursor in "after" it resumes without a gap.
subscription Listen($after: String) {
  events(after: $after) {
    cursor
    event { type actor payload occurredAt }
  }
}
`,
  },
  {
    name: 'Listen for drift',
    query: `subscription DriftAlerts($model: String, $after: String) {
  driftAlerts(model: $model, after: $after) {
    cursor
    event { change alert { title severity causes modelVersion { version } } }
  }
}
`,
    variables: { model: 'churn' },
  },
];
