import { setTimeout as sleep } from 'node:timers/promises';
import {
  Dataset,
  type JobRecord,
  ModelTransition,
  type PromotionCriteria,
  type Stage,
  TrainingRun,
  TransitionRequest,
  type TriggerEvaluation,
} from '../../../src/entities';
import { lineageOf } from '../../support/lineage-of';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

/** The world of months 1 to 4, and a changed one from month 5 on: the example of a model that has to be learned anew. */
const CHANGE = { logit: 2 };
const PROMOTION: PromotionCriteria = {
  automatic: true,
  metric: 'logLoss',
  minimumImprovement: 0,
  minimumHeldOutRows: 50,
};

let operation: OperationFixture;
beforeEach(async () => {
  operation = await OperationFixture.open();
  await operation.features.defineSubscribers();
  await operation.ingestMonths(300, [1, 2, 3, 4]);
  await operation.startEvents();
});
afterEach(() => operation.close());

const move = (version: number, expectedStage: Stage, toStage: Stage) =>
  operation.stages.transition({ model: 'churn', version, expectedStage, toStage }, ENGINEER);

/** A model in production that was trained on the unchanged world, and the labels of the changed one. */
async function produce(promotion: Partial<PromotionCriteria> = {}, parameters?: Record<string, number>) {
  const model = await operation.createModel('churn');
  const run = await operation.train('churn', await operation.buildDataset(), parameters);
  await operation.submissions.submit(run.id, 'churn', {}, ENGINEER);
  await move(1, 'NONE', 'STAGING');
  await move(1, 'STAGING', 'PRODUCTION');
  await operation.ingestMonths(300, [5, 6], CHANGE);
  const rules = { onDrift: true, cooldownSeconds: 0, lookbackSeconds: null, promotion: { ...PROMOTION, ...promotion } };
  await operation.retrainingPolicies.set({ model: 'churn', ...rules }, ENGINEER);
  return { model, run };
}

/** Predictions whose outcomes have changed, and the report on them. @returns the trigger's evaluation of it */
async function drift(modelId: string): Promise<TriggerEvaluation> {
  const window = await operation.predictWindow('churn', 400, CHANGE);
  const { job } = await operation.driftReports.run({ model: 'churn', ...window }, ENGINEER);
  await operation.features.finished(job);
  for (;;) {
    const { rows } = await operation.triggers.list(modelId, { first: 1 });
    if (rows[0]) return rows[0];
    await sleep(20);
  }
}

/** How a retraining has ended. */
async function ended({ id, jobId }: TriggerEvaluation): Promise<{ job: JobRecord; evaluation: TriggerEvaluation }> {
  const job = await operation.features.finished({ id: jobId! });
  return { job, evaluation: (await operation.triggers.find([id]))[0] };
}

const stagesOf = async (modelId: string): Promise<[number, Stage][]> => {
  const rows = await operation.dataSource.query<{ version: number; stage: Stage }[]>(
    'SELECT version, stage FROM model_versions WHERE model_id = $1 ORDER BY version',
    [modelId],
  );
  return rows.map(({ version, stage }) => [version, stage]);
};

/** How much of everything a story has left: first training and retraining. */
const countOf = async () => {
  const { manager } = operation.dataSource;
  return {
    datasets: await manager.count(Dataset),
    runs: await manager.count(TrainingRun),
    transitions: await manager.count(ModelTransition),
  };
};
/** Two of each, and NONE → STAGING → PRODUCTION twice with one archiving. */
const ONE_RETRAINING = { datasets: 2, runs: 2, transitions: 5 };

describe('A retraining whose promotion others have to approve', () => {
  it('asks for it, and the approval promotes', async () => {
    const { model } = await produce();
    const { revision } = await operation.models.get('churn');
    const rule = { toStage: 'PRODUCTION', approvals: 1, role: null, expiresAfterHours: 1 } as const;
    const admin = { name: 'root', roles: ['ADMIN'], requestId: 'r9' } as const;
    await operation.models.setApprovalRules({ model: 'churn', revision, rules: [rule] }, admin);
    const { evaluation } = await ended(await drift(model.id));
    expect(evaluation.outcome).toMatchObject({
      promoted: false,
      reason: expect.stringMatching(/The move to PRODUCTION waits for approval\.$/),
    });
    const [request] = await operation.dataSource.manager.find(TransitionRequest);
    expect(request).toMatchObject({ requestedBy: 'system:drift-trigger', toStage: 'PRODUCTION', status: 'PENDING' });
    // What it was compared with.
    const { id } = (await operation.versions.production(model.id))!;
    expect(request).toMatchObject({ checksProduction: true, replacesId: id });
    await operation.transitionRequests.approve({ id: request.id }, ENGINEER);
    expect(await stagesOf(model.id)).toEqual([
      [1, 'ARCHIVED'],
      [2, 'PRODUCTION'],
    ]);
  });
});

describe('A retraining after drift', () => {
  it('learns from the labels that have come since, beats production on the same held-out rows, and takes its place', async () => {
    const { model, run } = await produce();
    const fired = await drift(model.id);
    const { job, evaluation } = await ended(fired);
    expect([job.status, job.errorMessage]).toEqual(['SUCCEEDED', null]);
    const { outcome } = evaluation;
    expect(outcome).toMatchObject({ promoted: true, reason: expect.stringMatching(/^Better: logLoss 0\.\d+ against/) });
    const logLoss = outcome?.comparison.find(({ metric }) => metric === 'logLoss');
    expect(logLoss?.challenger).toBeLessThan(logLoss?.production ?? 0);
    expect(outcome?.comparedRowCount).toBeGreaterThanOrEqual(300);
    expect(await stagesOf(model.id)).toEqual([
      [1, 'ARCHIVED'],
      [2, 'PRODUCTION'],
    ]);
    expect(await countOf()).toEqual(ONE_RETRAINING);

    const [retrained] = await operation.training.find([evaluation.trainingRunId!]);
    const { algorithm, parameters, seed } = run;
    expect(retrained).toMatchObject({
      trigger: 'DRIFT',
      createdBy: 'system:drift-trigger',
      algorithm,
      parameters,
      seed,
    });
    const upstream = await lineageOf(operation.dataSource, `ModelVersion:${outcome?.modelVersionId}`, 'UPSTREAM', 9);
    expect(upstream).toEqual(
      expect.arrayContaining([`TrainingRun:${retrained?.id}`, `DriftReport:${evaluation.driftReportId}`]),
    );
    const types = (await operation.recorded(model.id)).map(({ type }) => type);
    expect(types.slice(types.indexOf('DRIFT_DETECTED'))).toEqual([
      'DRIFT_DETECTED',
      'TRAINING_RUN_FINISHED',
      'MODEL_VERSION_REGISTERED',
      'MODEL_TRANSITIONED',
      'MODEL_TRANSITIONED',
      'MODEL_TRANSITIONED',
      'RETRAINING_FINISHED',
    ]);
    expect(await operation.features.audit.verify(model.id)).toMatchObject({ valid: true });
  });

  it('leaves a version in STAGING that is not better by enough, or that a person shall promote', async () => {
    const { model } = await produce({ minimumImprovement: 0.9 });
    const first = await ended(await drift(model.id));
    expect(first.evaluation.outcome).toMatchObject({
      promoted: false,
      reason: expect.stringMatching(/^Not better by/),
    });
    await operation.retrainingPolicies.set(
      {
        ...{ model: 'churn', revision: 1, onDrift: true, cooldownSeconds: 0, lookbackSeconds: null },
        promotion: { ...PROMOTION, automatic: false },
      },
      ENGINEER,
    );
    const { job } = await operation.driftReports.run({ model: 'churn', from: new Date(0), to: new Date() }, ENGINEER);
    await operation.features.finished(job);
    let second = first.evaluation;
    while (second.id === first.evaluation.id)
      [second] = [(await operation.triggers.list(model.id, { first: 1 })).rows[0]];
    const { evaluation } = await ended(second);
    expect(evaluation.outcome).toMatchObject({ promoted: false, reason: expect.stringMatching(/to a person/) });
    expect(await stagesOf(model.id)).toEqual([
      [1, 'PRODUCTION'],
      [2, 'STAGING'],
      [3, 'STAGING'],
    ]);
  });

  it('ends with the checks of the gate when that rejects the model', async () => {
    const { model } = await produce();
    const { revision } = await operation.models.get('churn');
    const rules = [{ metric: 'auc', comparison: 'AT_LEAST' as const, threshold: 0.999, maxRegression: null }];
    const qualityPolicy = { minimumEvaluationRows: 10, rules };
    await operation.models.update({ model: 'churn', revision, qualityPolicy }, ENGINEER);
    const { job, evaluation } = await ended(await drift(model.id));
    expect(job.status).toBe('SUCCEEDED');
    expect(evaluation.outcome).toMatchObject({ promoted: false, modelVersionId: null });
    expect(evaluation.outcome?.reason).toMatch(/^The quality gate rejected it: auc is .* the policy asks for at least/);
    expect(await stagesOf(model.id)).toEqual([[1, 'PRODUCTION']]);
  });

  it('compares anew when production moves while it compares', async () => {
    const { model } = await produce();
    const submit = operation.versions.submit.bind(operation.versions);
    const gate = jest.spyOn(operation.versions, 'submit').mockImplementationOnce(async (...args) => {
      // Back into production at once, but compared with nothing: the first comparison is void.
      await move(1, 'PRODUCTION', 'ARCHIVED');
      const refused = submit(...args);
      await refused.catch(() => undefined);
      await move(1, 'ARCHIVED', 'PRODUCTION');
      return refused;
    });
    const { evaluation } = await ended(await drift(model.id));
    expect(gate).toHaveBeenCalledTimes(2);
    expect(evaluation.outcome?.promoted).toBe(true);
  });

  it('does not take the place of a version that it was not compared with', async () => {
    const { model } = await produce();
    const other = await operation.train('churn', await operation.buildDataset({ name: 'by hand' }));
    const byHand = await operation.submissions.submit(other.id, 'churn', {}, ENGINEER);
    await move(2, 'NONE', 'STAGING');
    const transition = operation.stages.transition.bind(operation.stages);
    jest.spyOn(operation.stages, 'transition').mockImplementationOnce(async (...args) => {
      await move(2, 'STAGING', 'PRODUCTION');
      return transition(...args);
    });
    const { job, evaluation } = await ended(await drift(model.id));
    expect(job.status).toBe('SUCCEEDED');
    expect(evaluation.outcome?.reason).toMatch(
      /^Left to a person: The production version of churn has changed meanwhile/,
    );
    expect((await operation.versions.production(model.id))?.id).toBe(byHand.modelVersion?.id);
    expect((await stagesOf(model.id)).at(-1)).toEqual([3, 'STAGING']);
  });

  it('cancels its training when it is cancelled, and says so in its outcome', async () => {
    const { model } = await produce({}, { iterations: 1000, learningRate: 0.002, patience: 1000 });
    const fired = await drift(model.id);
    let run: TrainingRun | null = null;
    while (run?.status !== 'RUNNING') {
      run = await operation.training.activeRun(model.id);
      await sleep(20);
    }
    await operation.features.jobs.cancel(fired.jobId!, ENGINEER);
    const { job, evaluation } = await ended(fired);
    expect(job.status).toBe('CANCELLED');
    expect(evaluation.outcome).toMatchObject({ promoted: false, reason: expect.stringMatching(/was cancelled/) });
    expect((await operation.training.find([run.id]))[0]?.status).toBe('CANCELLED');
    expect(await stagesOf(model.id)).toEqual([[1, 'PRODUCTION']]);
  });

  it('goes on after the server was stopped in the middle of its training, and does nothing twice', async () => {
    const { model } = await produce({}, { iterations: 300, learningRate: 0.02, patience: 300 });
    const fired = await drift(model.id);
    while ((await operation.training.activeRun(model.id))?.status !== 'RUNNING') await sleep(20);
    await operation.stop();
    const [stopped] = await operation.triggers.find([fired.id]);
    expect(stopped?.outcome).toBeNull();
    operation = await OperationFixture.open(operation);
    const { job, evaluation } = await ended(fired);
    expect([job.status, job.errorMessage, evaluation.outcome?.promoted]).toEqual(['SUCCEEDED', null, true]);
    expect(await countOf()).toEqual(ONE_RETRAINING);
  });

  const promotes = (input: { toStage?: Stage }) => input.toStage === 'PRODUCTION';
  const steps: [string, () => [object, string], (input: object) => boolean][] = [
    ['asking for its dataset', () => [operation.features.datasets, 'create'], () => true],
    ['starting its training', () => [operation.training, 'start'], () => true],
    ['submitting to the gate', () => [operation.submissions, 'submit'], () => true],
    ['moving to STAGING', () => [operation.stages, 'transition'], (input) => !promotes(input)],
    ['moving to PRODUCTION', () => [operation.stages, 'transition'], promotes],
  ];
  it.each(steps)('does nothing twice when its attempt is cut off right after %s', async (_, target, isTheOne) => {
    const { model } = await produce();
    const [service, method] = target() as [Record<string, (input: object) => Promise<unknown>>, string];
    const work = service[method].bind(service);
    let cut = false;
    jest.spyOn(service, method).mockImplementation(async (...args) => {
      const result = await work(...args);
      if (cut || !isTheOne(args[0])) return result;
      cut = true;
      throw new Error('the connection was lost');
    });
    const { job, evaluation } = await ended(await drift(model.id));
    expect([job.status, job.attempt]).toEqual(['SUCCEEDED', 2]);
    expect(evaluation.outcome?.promoted).toBe(true);
    expect(await countOf()).toEqual(ONE_RETRAINING);
    expect(await stagesOf(model.id)).toEqual([
      [1, 'ARCHIVED'],
      [2, 'PRODUCTION'],
    ]);
  });
});
