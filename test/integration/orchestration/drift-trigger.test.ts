import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DriftReport, JobRecord, type RetrainingRules, TriggerEvaluation } from '../../../src/entities';
import { inTransaction } from '../../../src/services/database';
import { recordEvent } from '../../../src/services/events';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

const RULES: RetrainingRules = {
  onDrift: true,
  cooldownSeconds: 3600,
  lookbackSeconds: 86_400,
  promotion: { automatic: true, metric: 'logLoss', minimumImprovement: 0, minimumHeldOutRows: 50 },
};

let operation: OperationFixture;
beforeAll(async () => {
  operation = await OperationFixture.open();
  await operation.startEvents();
});
afterAll(() => operation.close());

const setPolicy = (model: string, changes: Partial<RetrainingRules> = {}) =>
  operation.retrainingPolicies.set({ model, ...RULES, ...changes }, ENGINEER);

/** What a drift report leaves that has found drift. @returns the report's id */
async function drift(modelId: string, modelVersionId: string): Promise<string> {
  const id = randomUUID();
  await inTransaction(operation.dataSource, async (manager) => {
    await manager.insert(DriftReport, {
      ...{ id, modelId, modelVersionId, jobId: randomUUID(), status: 'RUNNING', createdBy: 'ada' },
      ...{ windowStart: new Date(0), windowEnd: new Date(1) },
    });
    const payload = { driftReportId: id, modelVersionId };
    await recordEvent(manager, { type: 'DRIFT_DETECTED', modelId, payload, actor: { name: 'ada', requestId: 'r9' } });
  });
  return id;
}

async function evaluationOf(driftReportId: string): Promise<TriggerEvaluation> {
  for (;;) {
    const evaluation = await operation.dataSource.manager.findOneBy(TriggerEvaluation, { driftReportId });
    if (evaluation) return evaluation;
    await sleep(20);
  }
}

/** A model in production whose retraining cannot succeed: its version was trained nowhere. */
async function watched(name: string) {
  const { model, version } = await operation.inProduction(name);
  const evaluate = async () => evaluationOf(await drift(model.id, version.id));
  return { model, version, evaluate };
}

const decisionOf = ({ decision, reason }: TriggerEvaluation) => [decision, reason];

describe('The drift trigger', () => {
  it('keeps every evaluation with its reason', async () => {
    const { model, version, evaluate } = await watched('skipping');
    const without = await evaluate();
    await setPolicy('skipping', { onDrift: false });
    const off = await evaluate();
    await operation.retrainingPolicies.set({ model: 'skipping', ...RULES, revision: 1 }, ENGINEER);
    await operation.retrainingPolicies.pause('skipping', ENGINEER);
    const paused = await evaluate();
    await operation.retrainingPolicies.resume('skipping', ENGINEER);
    const baseline = { modelVersionId: version.id, rowCount: 9, production: { auc: 0.8 }, candidate: { auc: 0.9 } };
    await operation.inProduction('skipping', { baseline });
    const replaced = await evaluate();
    expect([without, off, paused, replaced].map(decisionOf)).toEqual([
      ['SKIPPED', expect.stringMatching(/no retraining policy/)],
      ['SKIPPED', expect.stringMatching(/does not retrain on drift/)],
      ['SKIPPED', expect.stringMatching(/is paused/)],
      ['SKIPPED', expect.stringMatching(/not in production any more/)],
    ]);
    const { rows } = await operation.triggers.list(model.id, { first: 10 });
    expect(rows.map(({ id }) => id)).toEqual([replaced, paused, off, without].map(({ id }) => id));
    expect(rows.every(({ jobId, outcome }) => jobId === null && outcome === null)).toBe(true);
  });

  it('fires once, and is in cooldown then; the retraining ends with its reason', async () => {
    const { model, version, evaluate } = await watched('firing');
    await setPolicy('firing');
    const fired = await evaluate();
    expect(fired).toMatchObject({ decision: 'FIRED', driftReportId: expect.any(String) });
    const job = await operation.features.finished({ id: fired.jobId! });
    expect(job).toMatchObject({
      kind: 'RETRAINING',
      status: 'FAILED',
      errorCode: 'NOT_READY',
      actor: 'system:drift-trigger',
      requestId: 'r9',
      input: {
        triggerEvaluationId: fired.id,
        driftReportId: fired.driftReportId,
        modelVersionId: version.id,
        lookbackSeconds: 86_400,
      },
    });
    const entries = await operation.dataSource.query<unknown[]>(
      `SELECT chain, actor, request_id AS "requestId", details FROM audit_entries WHERE action = 'trigger.fire' AND subject = $1`,
      [`TriggerEvaluation:${fired.id}`],
    );
    const details = { driftReportId: fired.driftReportId, jobId: fired.jobId, reason: fired.reason };
    expect(entries).toEqual([{ chain: `model:${model.id}`, actor: 'system:drift-trigger', requestId: 'r9', details }]);
    const [ended] = await operation.triggers.find([fired.id]);
    expect(ended?.outcome).toMatchObject({ promoted: false, modelVersionId: null });
    expect(ended?.outcome?.reason).toMatch(/^The retraining failed: The model version firing 1 is trained elsewhere/);
    const finished = (await operation.recorded(model.id)).filter(({ type }) => type === 'RETRAINING_FINISHED');
    expect(finished).toEqual([
      { type: 'RETRAINING_FINISHED', payload: { triggerEvaluationId: fired.id, promoted: false } },
    ]);
    expect(decisionOf(await evaluate())).toEqual(['SKIPPED', expect.stringMatching(/^In cooldown until 20/)]);
  });

  it('waits for a retraining that is under way, but not for one whose outcome was never written', async () => {
    const { model, evaluate } = await watched('busy');
    await setPolicy('busy', { cooldownSeconds: 0 });
    const { manager } = operation.dataSource;
    const first = await evaluate();
    await operation.features.finished({ id: first.jobId! });
    await manager.update(TriggerEvaluation, { id: first.id }, { outcome: null });
    await manager.update(JobRecord, { id: first.jobId! }, { finishedAt: null });
    expect(decisionOf(await evaluate())).toEqual([
      'SKIPPED',
      expect.stringMatching(/run of this model is in progress/),
    ]);
    await manager.update(JobRecord, { id: first.jobId! }, { finishedAt: new Date() });
    expect((await evaluate()).decision).toBe('FIRED');
    expect((await operation.triggers.list(model.id, { first: 10 })).rows).toHaveLength(3);
  });

  it('evaluates a report once, however often its event is delivered', async () => {
    const { model, evaluate } = await watched('redelivered');
    await setPolicy('redelivered', { cooldownSeconds: 0 });
    const fired = await evaluate();
    await operation.features.finished({ id: fired.jobId! });
    // All events once more, as after a crash before the consumer's place was saved.
    await operation.stop();
    await operation.dataSource.query('UPDATE event_consumers SET last_sequence = 0');
    operation = await OperationFixture.open(operation);
    await operation.startEvents();
    // Events are handled in order: when this one is, those before it were.
    const { evaluate: evaluateLater } = await watched('later');
    await evaluateLater();
    const { rows } = await operation.triggers.list(model.id, { first: 10 });
    expect(rows.map(({ id, decision }) => [id, decision])).toEqual([[fired.id, 'FIRED']]);
    const jobs = await operation.dataSource.manager.findBy(JobRecord, { subject: `TriggerEvaluation:${fired.id}` });
    expect(jobs).toHaveLength(1);
  });
});
