import { ModelSubmission, ModelVersion, type Stage, type TrainingRun } from '../../../src/entities';
import { BaselineChanged, NotFound, NotReady } from '../../../src/errors';
import { lineageOf } from '../../support/lineage-of';
import { ENGINEER, VIEWER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { EvaluationReports } from '../../../src/services/registry';
import { subscribers } from '../../support/subscribers';

let operation: OperationFixture;
let datasetId: string;

beforeAll(async () => {
  operation = await OperationFixture.open();
  await operation.features.defineSubscribers();
  await operation.ingestMonths(400, [1, 2, 3, 4]);
  datasetId = await operation.buildDataset();
});
afterAll(() => operation.close());

const submit = (run: TrainingRun, model: string) => operation.submissions.submit(run.id, model, {}, ENGINEER);

async function trained(model: string, dataset = datasetId): Promise<TrainingRun> {
  if (!(await operation.models.find(model))) await operation.createModel(model);
  return operation.train(model, dataset);
}

const move = (model: string, version: number, expectedStage: Stage, toStage: Stage) =>
  operation.stages.transition({ model, version, expectedStage, toStage }, ENGINEER);

describe('Submitting a training run', () => {
  it('makes it a version, which goes to production and predicts by entity as its run did', async () => {
    const run = await trained('story');
    const { submission, modelVersion } = await submit(run, 'story');
    expect(submission).toMatchObject({ status: 'PASSED', comparison: null, trainingRunId: run.id, datasetId });
    expect(modelVersion).toMatchObject({ version: 1, stage: 'NONE', decisionThreshold: run.result?.decisionThreshold });
    expect(modelVersion?.signature.inputs.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['minutes', 'DOUBLE'],
      ['plan', 'STRING'],
      ['calls', 'INT64'],
    ]);
    const reports = new EvaluationReports({ artifacts: operation.artifacts });
    const { heldOutRowCount = 0, metrics, decisionThreshold } = run.result ?? {};
    const report = await reports.of(modelVersion!);
    expect(report).toMatchObject({ rowCount: heldOutRowCount, auc: metrics?.auc, metrics, decisionThreshold });
    expect(report?.taskType === 'BINARY_CLASSIFICATION' && report.roc.length).toBeGreaterThan(10);
    // Minutes are continuous, and have no segments.
    expect(new Set(report?.segments.map(({ feature }) => feature))).toEqual(new Set(['plan', 'calls']));
    const plans = report?.segments.filter(({ feature }) => feature === 'plan') ?? [];
    expect(plans.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(heldOutRowCount);
    expect(plans.map((segment) => segment.metrics.auc > 0 && segment.metrics.auc <= 1)).toEqual(plans.map(() => true));
    await move('story', 1, 'NONE', 'STAGING');
    await move('story', 1, 'STAGING', 'PRODUCTION');

    const { materializations } = operation.features;
    await operation.features.finished(await materializations.materialize({ views: ['usage'] }, ENGINEER));
    const [person] = subscribers(400, 'month 4');
    const byEntity = await operation.serving.predict({ model: 'story', entity: { subscriber_id: 's0' } }, ENGINEER);
    const given = await operation.serving.predict({ model: 'story', features: person.features }, ENGINEER);
    expect(byEntity.features).toEqual(given.features);
    expect(byEntity.probability).toBe(given.probability);
    expect(Math.abs(byEntity.probability - person.probability)).toBeLessThan(0.3);
    const nodes = await lineageOf(operation.dataSource, `ModelVersion:${modelVersion?.id}`, 'UPSTREAM', 5);
    expect(nodes).toEqual(expect.arrayContaining([`TrainingRun:${run.id}`, `Dataset:${datasetId}`]));
  });

  it('compares it with production on held-out rows that neither has learned from', async () => {
    const first = await trained('compared');
    await submit(first, 'compared');
    await move('compared', 1, 'NONE', 'STAGING');
    await move('compared', 1, 'STAGING', 'PRODUCTION');
    await operation.ingestMonths(400, [5]);
    // Held out are months 4 and 5; production has seen neither: month 4 was held out from it, too.
    const labels = { view: 'churn', field: 'churned' };
    const later = await operation.buildDataset({ labels, split: { strategy: 'TIME', heldOutFraction: 0.45, seed: 1 } });
    const { submission } = await submit(await trained('compared', later), 'compared');
    const { comparison } = submission;
    expect(comparison?.rowCount).toBe(800);
    expect(Object.keys(comparison?.production ?? {}).sort()).toEqual(Object.keys(comparison?.candidate ?? {}).sort());

    // A month that production has learned from is no judge, though it is held out here.
    const early = { ...labels, to: new Date(operation.features.month(3)) };
    const old = await operation.buildDataset({ labels: early });
    const { submission: open } = await submit(await trained('compared', old), 'compared');
    expect(open).toMatchObject({ status: 'REJECTED', comparison: { rowCount: 0, production: {}, candidate: {} } });
    expect(open.checks.find(({ rule }) => rule.includes('production'))?.message).toMatch(/not measured/);
  });

  it('is judged with no common row where production was trained elsewhere', async () => {
    const { version } = await operation.inProduction('foreign');
    await operation.dataSource.query('UPDATE model_versions SET dataset_id = NULL WHERE id = $1', [version.id]);
    const { submission } = await submit(await trained('foreign'), 'foreign');
    expect(submission.comparison).toEqual({ modelVersionId: version.id, rowCount: 0, production: {}, candidate: {} });
  });

  it('keeps a rejection with its checks, and looks again when it is submitted again', async () => {
    const run = await trained('strict');
    const { revision } = await operation.models.get('strict');
    const rules = [{ metric: 'auc', comparison: 'AT_LEAST', threshold: 0.999, maxRegression: null }] as const;
    const strict = { minimumEvaluationRows: 10, rules: [...rules] };
    await operation.models.update({ model: 'strict', revision, qualityPolicy: strict }, ENGINEER);
    const rejected = await submit(run, 'strict');
    expect(rejected).toMatchObject({ modelVersion: null, submission: { status: 'REJECTED' } });
    const lenient = { minimumEvaluationRows: 10, rules: [{ ...rules[0], threshold: 0.6 }] };
    await operation.models.update({ model: 'strict', revision: revision + 1, qualityPolicy: lenient }, ENGINEER);
    expect((await submit(run, 'strict')).modelVersion?.version).toBe(1);
  });

  it('is held to the floors of segments, as its training measured them', async () => {
    const run = await trained('fair');
    const { revision } = await operation.models.get('fair');
    const floor = { metric: 'auc', comparison: 'AT_LEAST', threshold: 0.99, maxRegression: null } as const;
    const rules = [{ ...floor, segmentBy: 'plan', minimumSegmentRows: 10 }];
    await operation.models.update(
      { model: 'fair', revision, qualityPolicy: { minimumEvaluationRows: 10, rules } },
      ENGINEER,
    );
    const { submission, modelVersion } = await submit(run, 'fair');
    expect(modelVersion).toBeNull();
    const ofSegments = submission.checks.filter(({ segment }) => segment?.feature === 'plan');
    expect(ofSegments.map(({ segment }) => segment?.value).sort()).toEqual(['flat', 'meter']);
    expect(ofSegments).toContainEqual(expect.objectContaining({ passed: false, actual: expect.any(Number) }));
  });

  it('makes one version of one run, however often and however concurrently it is submitted', async () => {
    const run = await trained('eager');
    const answers = await Promise.all(Array.from({ length: 4 }, () => submit(run, 'eager')));
    answers.push(await submit(run, 'eager'));
    expect(new Set(answers.map(({ modelVersion }) => modelVersion?.id)).size).toBe(1);
    expect(await operation.dataSource.manager.countBy(ModelVersion, { trainingRunId: run.id })).toBe(1);
    expect(await operation.dataSource.manager.countBy(ModelSubmission, { trainingRunId: run.id })).toBe(1);
  });

  it('is refused for a run that has not succeeded, for one of another model, and to a viewer', async () => {
    const run = await trained('owner');
    await operation.createModel('stranger');
    await expect(submit(run, 'stranger')).rejects.toThrow(NotFound);
    await operation.dataSource.query(`UPDATE training_runs SET status = 'FAILED' WHERE id = $1`, [run.id]);
    await expect(submit(run, 'owner')).rejects.toThrow(NotReady);
    await expect(operation.submissions.submit(run.id, 'owner', {}, VIEWER)).rejects.toThrow(/vic may not/);
  });
});

describe('A promotion that says what it replaces', () => {
  it('is refused when another version is in production by then, and changes nothing', async () => {
    const { model, version: first } = await operation.inProduction('fenced');
    const baseline = { modelVersionId: first.id, rowCount: 500, production: { auc: 0.8 }, candidate: { auc: 0.9 } };
    const second = await operation.inProduction('fenced', { baseline });
    const move = { model: 'fenced', version: 1, expectedStage: 'ARCHIVED', toStage: 'PRODUCTION' } as const;
    const late = operation.stages.transition({ ...move, replaces: first.id }, ENGINEER);
    await expect(late).rejects.toThrow(BaselineChanged);
    await expect(operation.stages.transition({ ...move, replaces: null }, ENGINEER)).rejects.toThrow(BaselineChanged);
    expect((await operation.versions.production(model.id))?.id).toBe(second.version.id);
    await operation.stages.transition({ ...move, replaces: second.version.id }, ENGINEER);
    expect((await operation.versions.production(model.id))?.id).toBe(first.id);
  });
});
