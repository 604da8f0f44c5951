import { Forbidden, InvalidInput, NotFound } from '../../../src/errors';
import type { AlertKind } from '../../../src/entities';
import { ENGINEER, VIEWER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { AlertedModel } from './alert-fixture';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

/** A model with a rule on errors, whose alerts are muted from minute 0 up to minute `until`. A minute is judged two minutes after it began. */
async function muted(name: string, until: number, kinds: AlertKind[] | null = null) {
  const model = await AlertedModel.inProduction(operation, name);
  await model.set({ errorRatio: { threshold: 0.1, minimumRows: 1 }, windowSeconds: 60, autoResolve: true });
  const mute = await operation.alertMutes.mute(
    { model: name, kinds, from: model.at(0), to: model.at(until), reason: 'maintenance' },
    ENGINEER,
  );
  const minute = async (index: number, bad: number) => {
    await model.serve(index, 10, bad);
    await model.judge(index);
  };
  return { model, mute, minute };
}

const RAISED_QUIETLY = { status: 'OPEN', unannouncedChange: 'RAISED' };

describe('While alerts are muted', () => {
  it('rules judge on, an alert is raised, and nobody is told; at the end it is told if its cause was still seen', async () => {
    const { model, minute } = await muted('quiet', 4);
    await minute(0, 10);
    await minute(1, 10);
    expect(await model.alerts()).toMatchObject([{ ...RAISED_QUIETLY, occurrences: 2 }]);
    expect(await model.told()).toEqual([]);
    // Minute 2 is judged at the end of the mute.
    await minute(2, 10);
    expect(await model.told()).toEqual(['RAISED']);
    expect(await model.alerts()).toMatchObject([{ status: 'OPEN', unannouncedChange: null, occurrences: 3 }]);
  });

  it('what was still seen last is told at the end, without another window', async () => {
    const { model, minute, mute } = await muted('unseen', 60);
    await minute(0, 10);
    expect(await model.told()).toEqual([]);
    await operation.dataSource.query('UPDATE alert_mutes SET ends_at = $2 WHERE id = $1', [mute.id, model.at(2)]);
    await model.judge(0);
    await model.judge(0);
    expect(await model.told()).toEqual(['RAISED']);
    const actions = await operation.dataSource.query<{ action: string }[]>(
      `SELECT action FROM audit_entries WHERE subject = $1 ORDER BY sequence`,
      [`Alert:${(await model.alerts())[0].id}`],
    );
    expect(actions.map(({ action }) => action)).toEqual(['alert.raise', 'alert.announce']);
  });

  it('what came and went is never told of', async () => {
    const { model, minute } = await muted('passing', 4);
    await minute(0, 10);
    await minute(1, 0);
    await minute(2, 0);
    await minute(3, 0);
    expect(await model.alerts()).toMatchObject([{ status: 'RESOLVED' }]);
    expect(await model.told()).toEqual([]);
  });

  it('alerts of other kinds and of other models are told', async () => {
    const { model, minute } = await muted('other-kind', 60, ['VOLUME', 'DRIFT']);
    await minute(0, 10);
    expect(await model.told()).toEqual(['RAISED']);
  });

  it('what a person does is told', async () => {
    const { model, minute } = await muted('handled', 60);
    await minute(0, 10);
    const [{ id, revision }] = await model.alerts();
    await operation.alerts.acknowledge({ id, revision }, ENGINEER);
    expect(await model.told()).toEqual(['ACKNOWLEDGED']);
    expect(await model.alerts()).toMatchObject([{ unannouncedChange: null }]);
  });
});

describe('A mute', () => {
  const input = { model: 'listed', to: new Date(Date.now() + 3_600_000), reason: 'maintenance' };
  beforeAll(() => operation.createModel('listed'));

  it('is made once by its idempotency key, listed, and ended once, with audit entries', async () => {
    const first = await operation.alertMutes.mute({ ...input, idempotencyKey: 'k' }, ENGINEER);
    const second = await operation.alertMutes.mute({ ...input, idempotencyKey: 'k' }, ENGINEER);
    expect(second.id).toBe(first.id);
    const ended = await operation.alertMutes.unmute(first.id, { ...ENGINEER, name: 'bob' });
    expect(ended.endsAt.getTime()).toBeLessThan(input.to.getTime());
    await expect(operation.alertMutes.unmute(first.id, ENGINEER)).rejects.toThrow(/this mute has ended/);
    const { rows } = await operation.alertMutes.list(first.modelId, { first: 5 });
    expect(rows).toMatchObject([{ id: first.id, kinds: null, endedBy: 'bob', createdBy: 'ada' }]);
  });

  it('that has not begun can be ended', async () => {
    const from = new Date(Date.now() + 60_000);
    const { id } = await operation.alertMutes.mute({ ...input, from }, ENGINEER);
    expect(await operation.alertMutes.unmute(id, ENGINEER)).toMatchObject({ startsAt: from, endsAt: from });
  });

  it.each([
    ['before it begins', { to: new Date(0) }, /to: must be later than/],
    ['for longer than 90 days', { to: new Date(Date.now() + 91 * 86_400_000) }, /a mute lasts 90 days at most/],
    ['of no kind', { kinds: [] }, /kinds: name at least one kind/],
    ['without a reason', { reason: ' ' }, /reason: say why/],
  ])('is refused %s', async (_, changes, problem) => {
    const answer = operation.alertMutes.mute({ ...input, ...changes }, ENGINEER);
    await expect(answer).rejects.toThrow(InvalidInput);
    await expect(answer).rejects.toThrow(problem);
  });

  it('that does not exist cannot be ended, and none can be made by a viewer', async () => {
    await expect(operation.alertMutes.unmute(crypto.randomUUID(), ENGINEER)).rejects.toThrow(NotFound);
    await expect(operation.alertMutes.mute(input, VIEWER)).rejects.toThrow(Forbidden);
  });
});
