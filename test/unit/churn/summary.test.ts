import { formatSummary, heldOutMetrics, type ChurnSummary } from '../../../examples/churn/summary';

const metrics = { auc: 0.85, f1: 0.6, logLoss: 0.41 };
const summary: ChurnSummary = {
  source: 'telco.csv: 7,043 rows',
  notes: ['a stand-in'],
  model: 'telco_churn',
  ...metrics,
  baseline: { auc: 0.84, f1: 0.59, logLoss: 0.42 },
  dataset: {
    id: 'd1',
    rowCount: 5_634,
    heldOutRowCount: 1_408,
    fingerprint: 'f',
    leakageCutoff: true,
    warnings: ['A warning.'],
  },
  featureImportance: [
    { feature: 'contract', share: 0.45 },
    { feature: 'tenure', share: 0.14 },
  ],
  parityMaxError: 1e-8,
  gate: { status: 'PASSED', checks: [] },
  versions: [{ version: 1, stage: 'PRODUCTION', ...metrics }],
  stages: { 1: 'PRODUCTION' },
  transitions: [{ version: 1, from: 'NONE', to: 'STAGING', actor: 'dev', reason: '', at: '2026-01-01T00:00:00.000Z' }],
  auditTrailValid: true,
  predictions: {
    byId: 705,
    meanProbability: 0.3,
    outcomeRatio: 0.32,
    given: [{ description: 'a row', probability: 0.5 }],
  },
  drift: {
    id: 'r1',
    modelVersion: { version: 1 },
    verdict: 'DRIFT',
    currentRowCount: 705,
    labelledRowCount: 705,
    features: [
      { feature: 'contract', verdict: 'NO_DRIFT', klDivergence: 0.01, threshold: 0.1 },
      { feature: 'tenure', verdict: 'DRIFT', klDivergence: 0.31, threshold: 0.1 },
    ],
    prediction: { verdict: 'DRIFT', jsDivergence: 0.02, jsDistance: 0.14 },
    concept: { verdict: 'NO_DRIFT', ksStatistic: 0.02, ksPValue: 0.5, calibrationZ: 0.1, note: '' },
    performance: [],
    alert: { id: 'a1' },
  },
  alerts: [],
  retraining: null,
  seconds: { train: 2 },
  totalSeconds: 12.3,
};

describe('formatSummary', () => {
  it('shows the model beside its baseline, columns in line', () => {
    const lines = formatSummary(summary).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '                        AUC      F1  log loss  stage',
      'version 1            0.8500  0.6000    0.4100  PRODUCTION',
      'logistic regression  0.8400  0.5900    0.4200  (baseline of this run)',
    ]);
  });

  it('names what drifted and by how much, and what did not', () => {
    const text = formatSummary(summary);
    expect(text).toMatch(/features \(KL\) +tenure 0\.310$/m);
    expect(text).toMatch(/concept \(KS\) +NO_DRIFT, D 0\.020, p 0\.500$/m);
    expect(text).toMatch(/Drift +DRIFT \(version 1, 705 predictions\)$/m);
  });

  it('says what became of the retraining', () => {
    const outcome = {
      promoted: true,
      reason: 'Better.',
      modelVersion: { version: 2 },
      comparison: [
        { metric: 'auc', production: 0.79, challenger: 0.87 },
        { metric: 'brier', production: 0.1, challenger: 0.09 },
      ],
      comparedRowCount: 400,
    };
    const evaluation = {
      decision: 'FIRED' as const,
      reason: 'Drift was detected.',
      driftReport: null,
      job: null,
      outcome,
    };
    expect(formatSummary({ ...summary, retraining: evaluation })).toMatch(
      /Retraining +version 2 was promoted\. Better\.\n +on the same rows +AUC 0\.7900 → 0\.8700$/m,
    );
    expect(
      formatSummary({
        ...summary,
        retraining: { ...evaluation, outcome: { ...outcome, promoted: false, modelVersion: null } },
      }),
    ).toMatch(/Retraining +the new model was not promoted\. Better\.$/m);
    expect(
      formatSummary({
        ...summary,
        retraining: { ...evaluation, decision: 'SKIPPED', reason: 'In cooldown.', outcome: null },
      }),
    ).toMatch(/Retraining +SKIPPED: In cooldown\.$/m);
  });

  it('shows what a gate rejected', () => {
    const checks = [
      { kind: 'MODEL', name: 'auc', passed: false, message: 'auc is 0.55; the policy asks for at least 0.6.' },
    ];
    expect(formatSummary({ ...summary, gate: { status: 'REJECTED', checks } })).toMatch(
      /Quality gate +REJECTED auc is 0\.55; the policy asks for at least 0\.6\.$/m,
    );
  });
});

describe('the lines on the data', () => {
  it('show the warnings of the dataset and what the model has learned from', () => {
    expect(formatSummary(summary)).toMatch(
      /^Dataset +5,634 rows, 1,408 of them held out\n +A warning\.\nLearned from +contract 0\.45, tenure 0\.14$/m,
    );
  });
});

describe('heldOutMetrics', () => {
  it('is null for a metric that was not measured', () => {
    expect(heldOutMetrics([{ name: 'auc', value: 0.8 }])).toEqual({ auc: 0.8, f1: null, logLoss: null });
  });
});
