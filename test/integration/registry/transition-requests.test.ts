import type { ApprovalRule } from '../../../src/entities';
import {
  ApprovalRequired,
  BaselineChanged,
  Forbidden,
  RequestClosed,
  RequestSuperseded,
  SelfApproval,
  StageConflict,
  StageTransitionNotAllowed,
} from '../../../src/errors';
import type { Actor } from '../../../src/services/identity';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

const admin: Actor = { name: 'root', roles: ['ADMIN'], requestId: 'request-3' };
const bob: Actor = { name: 'bob', roles: ['ENGINEER'], requestId: 'request-4' };
const cleo: Actor = { name: 'cleo', roles: ['ENGINEER'], requestId: 'request-5' };
const TWO_FOR_PRODUCTION: ApprovalRule = { toStage: 'PRODUCTION', approvals: 2, role: null, expiresAfterHours: 1 };

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
});
afterAll(() => registry.close());

/** A model with a version in STAGING. */
async function staged(name: string, ...rules: ApprovalRule[]): Promise<string> {
  const { id } = await registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
  await registry.versions.submit(id, aCandidate(), {}, engineer);
  await registry.stages.transition({ model: name, version: 1, expectedStage: 'NONE', toStage: 'STAGING' }, engineer);
  if (rules.length > 0) await registry.models.setApprovalRules({ model: name, revision: 1, rules }, admin);
  return id;
}

const promotion = (model: string) =>
  ({ model, version: 1, expectedStage: 'STAGING', toStage: 'PRODUCTION', reason: 'Better on all segments.' }) as const;
const ask = (model: string, actor = engineer) => registry.requests.request(promotion(model), actor);
const approve = (id: string, actor: Actor) => registry.requests.approve({ id }, actor);
const stageOf = async (model: string) => (await registry.versions.find({ model, version: 1 }))!.stage;

describe('A move that others have to approve', () => {
  it('is not made at once, and is made by the last approval, which says who asked and who approved', async () => {
    const modelId = await staged('approved', TWO_FOR_PRODUCTION);
    await expect(registry.stages.transition(promotion('approved'), engineer)).rejects.toThrow(
      new ApprovalRequired('approved', 'PRODUCTION', 2),
    );
    const request = await ask('approved');
    expect(request).toMatchObject({ status: 'PENDING', requiredApprovals: 2, requestedBy: 'ada' });
    expect(await approve(request.id, bob)).toMatchObject({ status: 'PENDING', transitionId: null });
    // A second yes of the same person is no second approval.
    expect(await approve(request.id, bob)).toMatchObject({ status: 'PENDING' });
    expect(await stageOf('approved')).toBe('STAGING');

    const done = await approve(request.id, cleo);
    expect(done).toMatchObject({ status: 'APPROVED', transitionId: expect.any(String) });
    expect(await stageOf('approved')).toBe('PRODUCTION');
    const [transition] = await registry.reader.transitions([done.transitionId!]);
    expect(transition).toMatchObject({
      actor: 'cleo',
      reason: 'Better on all segments. Requested by ada, approved by bob, cleo.',
    });
    await expect(approve(request.id, admin)).rejects.toThrow(RequestClosed);
    await expect(registry.audit.verify(modelId)).resolves.toMatchObject({ valid: true });
  });

  it('is not approved by who asks for it, nor without the role that the rule wants', async () => {
    await staged('guarded', { ...TWO_FOR_PRODUCTION, approvals: 1, role: 'ADMIN' });
    const { id } = await ask('guarded');
    await expect(approve(id, { ...engineer, roles: ['ADMIN'] })).rejects.toThrow(SelfApproval);
    await expect(approve(id, bob)).rejects.toThrow(Forbidden);
    await expect(registry.requests.reject({ id }, bob)).rejects.toThrow(Forbidden);
    expect(await approve(id, admin)).toMatchObject({ status: 'APPROVED' });
  });

  it('ends with one no, or when it is taken back, and can then be asked for anew', async () => {
    await staged('refused', TWO_FOR_PRODUCTION);
    const first = await ask('refused');
    await expect(ask('refused', bob)).rejects.toThrow(
      /ada has asked for this move already: approve or reject that request/,
    );
    await approve(first.id, bob);
    expect(await registry.requests.reject({ id: first.id, comment: 'Not on a Friday.' }, cleo)).toMatchObject({
      status: 'REJECTED',
    });
    const votes = await registry.reader.votesOfRequests([first.id]);
    expect(votes.map(({ actor, approved, comment }) => [actor, approved, comment])).toEqual([
      ['bob', true, ''],
      ['cleo', false, 'Not on a Friday.'],
    ]);
    const second = await ask('refused', bob);
    expect(await registry.requests.reject({ id: second.id }, bob)).toMatchObject({ status: 'REJECTED' });
    expect(await stageOf('refused')).toBe('STAGING');
  });

  it('runs out, is listed as expired, and does not stand in the way of the next request', async () => {
    const modelId = await staged('late', TWO_FOR_PRODUCTION);
    const { id } = await ask('late');
    await registry.dataSource.query(
      "UPDATE transition_requests SET expires_at = now() - interval '1 s' WHERE id = $1",
      [id],
    );
    await expect(approve(id, bob)).rejects.toThrow(/The request is EXPIRED/);
    const listed = async (status: 'PENDING' | 'EXPIRED') =>
      (await registry.reader.listTransitionRequests({ modelId, status }, { first: 10 })).rows.map((row) => row.id);
    expect([await listed('PENDING'), await listed('EXPIRED')]).toEqual([[], [id]]);
    const next = await ask('late');
    expect([await listed('PENDING'), await listed('EXPIRED')]).toEqual([[next.id], [id]]);
  });

  it('is refused when the version has moved since it was asked for, and the request goes on waiting', async () => {
    await staged('moved', { ...TWO_FOR_PRODUCTION, approvals: 1 });
    const { id } = await ask('moved');
    await registry.stages.transition(
      { model: 'moved', version: 1, expectedStage: 'STAGING', toStage: 'ARCHIVED' },
      engineer,
    );
    await expect(approve(id, bob)).rejects.toThrow(StageConflict);
    expect(await registry.reader.votesOfRequests([id])).toEqual([]);
    await expect(ask('moved')).rejects.toThrow(StageConflict);
  });

  it('is made once, whoever approves at the same moment', async () => {
    const modelId = await staged('raced', { ...TWO_FOR_PRODUCTION, approvals: 1 });
    const { id } = await ask('raced');
    const race = await Promise.allSettled([bob, cleo, admin].map((actor) => approve(id, actor)));
    expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    const { rows } = await registry.reader.listTransitions({ modelId }, { first: 10 });
    expect(rows.map(({ toStage }) => toStage)).toEqual(['PRODUCTION', 'STAGING']);
  });

  it('may be asked for without a rule too, if it is allowed at all', async () => {
    await staged('free');
    const wrong = { ...promotion('free'), toStage: 'STAGING' } as const;
    await expect(registry.requests.request(wrong, engineer)).rejects.toThrow(StageTransitionNotAllowed);
    const { id } = await ask('free');
    expect(await approve(id, bob)).toMatchObject({ status: 'APPROVED', requiredApprovals: 1 });
  });

  it('is told as events, in one transaction with what they tell of', async () => {
    await staged('told', { ...TWO_FOR_PRODUCTION, approvals: 1 });
    const { id } = await ask('told');
    await approve(id, bob);
    const events = await registry.dataSource.query<{ type: string; payload: Record<string, unknown> }[]>(
      "SELECT type, payload FROM outbox_events WHERE payload->>'transitionRequestId' = $1 ORDER BY id",
      [id],
    );
    expect(events.map(({ type, payload }) => [type, payload.toStage ?? payload.status])).toEqual([
      ['TRANSITION_REQUESTED', 'PRODUCTION'],
      ['TRANSITION_REQUEST_DECIDED', 'APPROVED'],
    ]);
  });
});

describe('Approval rules', () => {
  it('are set by administrators, one per stage, within limits', async () => {
    await staged('ruled');
    const set = (...rules: ApprovalRule[]) =>
      registry.models.setApprovalRules({ model: 'ruled', revision: 1, rules }, admin);
    await expect(set(TWO_FOR_PRODUCTION, TWO_FOR_PRODUCTION)).rejects.toThrow(/a rule for PRODUCTION already/);
    await expect(set({ ...TWO_FOR_PRODUCTION, approvals: 0 })).rejects.toThrow(/0 is out of range; expected 1 to 10/);
    await expect(set({ ...TWO_FOR_PRODUCTION, expiresAfterHours: 9999 })).rejects.toThrow(/expected 1 to 2160/);
    const asEngineer = registry.models.setApprovalRules({ model: 'ruled', revision: 1, rules: [] }, engineer);
    await expect(asEngineer).rejects.toThrow(Forbidden);
    await expect(set(TWO_FOR_PRODUCTION)).resolves.toMatchObject({ approvalRules: [TWO_FOR_PRODUCTION], revision: 2 });
  });
});

describe('A request that says what it replaces', () => {
  const ONE: ApprovalRule = { ...TWO_FOR_PRODUCTION, approvals: 1 };
  /** Version 1 in production, 2 and 3 staged. */
  async function threeVersions(name: string): Promise<{ modelId: string; ids: string[] }> {
    const modelId = await staged(name);
    await registry.stages.transition(promotion(name), engineer);
    for (const version of [2, 3]) {
      const { stage, id } = (await registry.versions.production(modelId))!;
      const baseline = {
        modelVersionId: id,
        rowCount: 100,
        production: { auc: 0.8, logLoss: 0.4 },
        candidate: { auc: 0.8, logLoss: 0.4 },
      };
      expect(stage).toBe('PRODUCTION');
      await registry.versions.submit(modelId, aCandidate({ baseline }), {}, engineer);
      await registry.stages.transition({ model: name, version, expectedStage: 'NONE', toStage: 'STAGING' }, engineer);
    }
    await registry.models.setApprovalRules({ model: name, revision: 1, rules: [ONE] }, admin);
    const versions = await Promise.all([1, 2, 3].map((version) => registry.versions.find({ model: name, version })));
    return { modelId, ids: versions.map((version) => version!.id) };
  }
  const askFor = (model: string, version: number, replaces?: string | null) =>
    registry.requests.request({ ...promotion(model), version, replaces }, engineer);
  const statusOf = async (id: string) => (await registry.reader.transitionRequests([id]))[0].status;

  it('is made while that is in production, and refused at once where it is not, or leads elsewhere', async () => {
    const { ids } = await threeVersions('replacing');
    await expect(askFor('replacing', 2, null)).rejects.toThrow(BaselineChanged);
    await expect(askFor('replacing', 2, ids[2])).rejects.toThrow(BaselineChanged);
    const archiving = { ...promotion('replacing'), version: 2, toStage: 'ARCHIVED', replaces: ids[0] } as const;
    await expect(registry.requests.request(archiving, engineer)).rejects.toThrow(
      /replaces: is for moves to PRODUCTION/,
    );
    const request = await askFor('replacing', 2, ids[0]);
    expect(request).toMatchObject({ checksProduction: true, replacesId: ids[0] });
    expect(await approve(request.id, bob)).toMatchObject({ status: 'APPROVED' });
  });

  it('ends as SUPERSEDED when production has moved by its last approval, and makes way for another', async () => {
    const { modelId, ids } = await threeVersions('overtaken');
    const { id } = await askFor('overtaken', 2, ids[0]);
    const other = await askFor('overtaken', 3);
    expect(other).toMatchObject({ checksProduction: false, replacesId: null });
    await approve(other.id, bob);
    await expect(approve(id, bob)).rejects.toMatchObject({
      code: 'BASELINE_CHANGED',
      details: { model: 'overtaken', expected: 1, actual: 3 },
      message: expect.stringMatching(
        /replace version 1 .* where version 3 is by now\. It is closed as SUPERSEDED/,
      ) as unknown,
    });
    expect(await statusOf(id)).toBe('SUPERSEDED');
    expect((await registry.versions.find({ model: 'overtaken', version: 2 }))!.stage).toBe('STAGING');
    await expect(approve(id, cleo)).rejects.toThrow(/The request is SUPERSEDED/);
    const events = await registry.dataSource.query<{ status: string }[]>(
      `SELECT payload->>'status' AS status FROM outbox_events WHERE type = 'TRANSITION_REQUEST_DECIDED' AND payload->>'transitionRequestId' = $1`,
      [id],
    );
    expect(events).toEqual([{ status: 'SUPERSEDED' }]);
    await expect(registry.audit.verify(modelId)).resolves.toMatchObject({ valid: true });
    await expect(askFor('overtaken', 2, ids[2])).resolves.toMatchObject({ status: 'PENDING' });
  });

  it('replaces what it was to replace or nothing, whichever of two is approved first, however often they race', async () => {
    for (let round = 1; round <= 20; round++) {
      const name = `race-${round}`;
      const { modelId, ids } = await threeVersions(name);
      const requests = [await askFor(name, 2, ids[0]), await askFor(name, 3, ids[0])];
      const race = await Promise.allSettled(requests.map(({ id }, index) => approve(id, [bob, cleo][index])));
      const lost = race.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      expect(lost).toEqual([expect.any(RequestSuperseded)]);
      const statuses = await Promise.all(requests.map(({ id }) => statusOf(id)));
      expect(statuses.toSorted()).toEqual(['APPROVED', 'SUPERSEDED']);
      const production = await registry.versions.production(modelId);
      expect(production?.version).toBe(statuses.indexOf('APPROVED') + 2);
    }
  });
});
