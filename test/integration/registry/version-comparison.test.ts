import { toGlobalId } from '../../../src/schema/global-id';
import { type EvaluationReport, serializeEvaluationReport } from '../../../src/services/registry';
import { binaryEvaluation, evaluationCurves } from '../../../src/services/statistics';
import { askRegistry } from '../../support/registry-api';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

const CURVES = evaluationCurves([0.9, 0.6, 0.4, 0.1], [1, 0, 1, 0]);
const REPORT: EvaluationReport = {
  ...binaryEvaluation([0.9, 0.6, 0.4, 0.1], [1, 0, 1, 0], 0.5),
  segments: [
    { feature: 'plan', value: 'flat', rowCount: 3, metrics: { accuracy: 1 / 3 } },
    { feature: 'paid', value: '(null)', rowCount: 1, metrics: {} },
  ],
};

let registry: RegistryFixture;
let ids: string[];
let runIds: string[];
beforeAll(async () => {
  registry = await openRegistry();
  ids = [];
  runIds = [];
  for (const [index, name] of ['one', 'one', 'two'].entries()) {
    const former = await registry.models.find(name);
    const model = former ?? (await registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer));
    const evaluationReport = index === 2 ? null : serializeEvaluationReport(REPORT);
    const candidate = aCandidate({
      evaluationReport,
      metrics: { auc: 0.75 + index / 8, beauty: index },
      params: { seed: `${index}` },
    });
    const { modelVersion } = await registry.versions.submit(model.id, candidate, {}, engineer);
    ids.push(toGlobalId('ModelVersion', modelVersion!.id));
    runIds.push(toGlobalId('TrainingRun', candidate.trainingRunId!));
  }
});
afterAll(() => registry.close());

const CURVE_FIELDS = `auc averagePrecision roc { threshold falsePositiveRate truePositiveRate }
  precisionRecall { threshold recall precision } calibration { meanPredicted observedRatio rowCount }`;
const FIELDS = `versions { version model { name } } baselineIndex metrics { name values deltas higherIsBetter bestIndex }
  params { name values differ } signature { name dtypes differ } lineage { fact values differ }`;

const compare = async (given: readonly string[], baseline: string | null = null) => {
  const { data, errors } = await askRegistry(
    registry,
    `query ($ids: [ID!]!, $baseline: ID) { compareModelVersions(ids: $ids, baseline: $baseline) { ${FIELDS} } }`,
    { ids: given, baseline },
  );
  return {
    errors,
    comparison: (data as { compareModelVersions: Record<string, unknown> } | null)?.compareModelVersions,
  };
};

describe('compareModelVersions', () => {
  it('puts versions of one model or of several side by side, in the order that was asked for', async () => {
    const { comparison, errors } = await compare([ids[2], ids[0]]);
    expect(errors).toEqual([]);
    expect(comparison).toMatchObject({
      versions: [
        { version: 1, model: { name: 'two' } },
        { version: 1, model: { name: 'one' } },
      ],
      baselineIndex: 0,
      metrics: [
        { name: 'auc', values: [1, 0.75], deltas: [0, -0.25], higherIsBetter: true, bestIndex: 0 },
        { name: 'beauty', values: [2, 0], deltas: [0, -2], higherIsBetter: null, bestIndex: null },
      ],
      params: [{ name: 'seed', values: ['2', '0'], differ: true }],
      signature: [{ name: 'tenure', dtypes: ['INT64', 'INT64'], differ: false }],
    });
    expect(comparison?.lineage).toContainEqual({ fact: 'TRAINING_RUN', values: [runIds[2], runIds[0]], differ: true });
    expect(comparison?.lineage).toContainEqual({ fact: 'CODE_COMMIT', values: [null, null], differ: false });
  });

  it('takes deltas against the baseline that is chosen', async () => {
    const { comparison } = await compare(ids, ids[1]);
    expect(comparison).toMatchObject({ baselineIndex: 1 });
    expect(comparison?.metrics).toContainEqual(expect.objectContaining({ name: 'auc', deltas: [-0.125, 0, 0.125] }));
  });

  it('has the evaluations of the versions that kept them, and null for the others', async () => {
    const fields = `taskType rowCount metrics { name value } segments { feature value rowCount metrics { name value } }
      flat: segments(feature: "plan") { value }
      binary { positiveCount decisionThreshold confusionMatrix { truePositives falsePositives trueNegatives falseNegatives } ${CURVE_FIELDS} }
      multiclass { confusionMatrix } regression { points { actual } }`;
    const query = `query ($ids: [ID!]!) { compareModelVersions(ids: $ids) { versions { evaluation { ${fields} } } } }`;
    const { data, errors } = await askRegistry(registry, query, { ids });
    expect(errors).toEqual([]);
    const { metrics, segments } = REPORT;
    const { rowCount, ...curves } = CURVES;
    const listed = (figures: object) =>
      Object.entries(figures).map(([name, value]: [string, unknown]) => ({ name, value }));
    const evaluation = {
      taskType: 'BINARY_CLASSIFICATION',
      rowCount,
      metrics: listed(metrics),
      segments: segments.map((segment) => ({ ...segment, metrics: listed(segment.metrics) })),
      flat: [{ value: 'flat' }],
      binary: {
        ...curves,
        decisionThreshold: 0.5,
        confusionMatrix: { truePositives: 1, falsePositives: 1, trueNegatives: 1, falseNegatives: 1 },
      },
      multiclass: null,
      regression: null,
    };
    expect(data).toEqual({
      compareModelVersions: { versions: [{ evaluation }, { evaluation }, { evaluation: null }] },
    });
  });

  it('refuses too few, too many, repeated, foreign and absent versions, and a baseline that is none of them', async () => {
    const absent = toGlobalId('ModelVersion', crypto.randomUUID());
    const problems = [
      await compare([ids[0]]),
      await compare(Array.from({ length: 21 }, () => toGlobalId('ModelVersion', crypto.randomUUID()))),
      await compare([ids[0], ids[1], ids[0]]),
      await compare([ids[0], runIds[0]]),
      await compare([ids[0], 'nonsense']),
      await compare([ids[0], absent]),
      await compare([ids[0], ids[1]], ids[2]),
    ].flatMap(({ errors }) => errors);
    expect(problems).toEqual([
      'ids: 1 versions cannot be compared; give 2 to 20',
      'ids: 21 versions cannot be compared; give 2 to 20',
      'ids.2: the same version stands in the list twice',
      'ids.1: this is the id of a TrainingRun; expected one of a ModelVersion',
      expect.stringMatching(/^ids\.1: "nonsense" is not an id/),
      expect.stringMatching(/^There is no model version .*It may have been deleted\./),
      'baseline: this version is not among ids; give one of those',
    ]);
  });

  it('refuses a version that was deleted', async () => {
    const { modelVersion } = await registry.versions.submit(
      (await registry.models.get('two')).id,
      aCandidate(),
      {},
      engineer,
    );
    await registry.catalog.delete({ model: 'two', version: modelVersion!.version, revision: 1 }, engineer);
    const { errors } = await compare([ids[0], toGlobalId('ModelVersion', modelVersion!.id)]);
    expect(errors).toEqual([expect.stringContaining('It may have been deleted')]);
  });
});
