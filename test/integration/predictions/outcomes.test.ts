import { InvalidInput } from '../../../src/errors';

import { ENGINEER, VIEWER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

let operation: OperationFixture;
let predictionIds: readonly string[];

beforeAll(async () => {
  operation = await OperationFixture.open();
  await operation.inProduction('outcomes');
  ({ predictionIds } = await operation.predictWindow('outcomes', 6, { labelled: 0 }));
});
afterAll(() => operation.close());

const record = (outcomes: readonly { predictionId: string; outcome: boolean; observedAt?: Date | null }[]) =>
  operation.outcomes.record(outcomes, ENGINEER);

const outcomesOf = async (ids: readonly string[]) =>
  new Map((await operation.predictions.outcomes(ids)).map((row) => [row.predictionId, row]));

async function problemOf(work: Promise<unknown>): Promise<InvalidInput> {
  const [result] = await Promise.allSettled([work]);
  if (result.status === 'rejected' && result.reason instanceof InvalidInput) return result.reason;
  throw new Error(`It was not refused: ${JSON.stringify(result)}`);
}

describe('Outcomes', () => {
  it('are recorded for the predictions that they are about, with their time and who sent them', async () => {
    const [a, b] = predictionIds as [string, string];
    const observedAt = new Date('2026-02-01T00:00:00Z');
    expect(
      await record([
        { predictionId: a, outcome: true, observedAt },
        { predictionId: b, outcome: false },
      ]),
    ).toBe(2);
    const outcomes = await outcomesOf([a, b]);
    expect(outcomes.get(a)).toMatchObject({ outcome: true, observedAt, actor: 'ada' });
    expect(outcomes.get(b)?.outcome).toBe(false);
    expect(Date.now() - (outcomes.get(b)?.observedAt.getTime() ?? 0)).toBeLessThan(60_000);
  });

  it('replace what was recorded before', async () => {
    const id = predictionIds[2];
    await record([{ predictionId: id, outcome: true }]);
    const before = (await outcomesOf([id])).get(id);
    await record([{ predictionId: id, outcome: false, observedAt: new Date('2026-02-02T00:00:00Z') }]);
    const after = (await outcomesOf([id])).get(id);
    expect([before?.outcome, after?.outcome]).toEqual([true, false]);
    expect(after?.recordedAt.getTime()).toBeGreaterThanOrEqual(before?.recordedAt.getTime() ?? Infinity);
  });

  it('are recorded all or none: one unknown prediction refuses the list, by its place', async () => {
    const unknown = crypto.randomUUID();
    const { field, message } = await problemOf(
      record([
        { predictionId: predictionIds[3], outcome: true },
        { predictionId: unknown, outcome: true },
      ]),
    );
    expect(field).toEqual(['input', 'outcomes', '1', 'predictionId']);
    expect(message).toMatch(/no such prediction; nothing was recorded/);
    expect((await outcomesOf([predictionIds[3]])).size).toBe(0);
  });

  it('are refused when a prediction stands in the list twice, and when there are none or too many', async () => {
    const twice = { predictionId: predictionIds[3], outcome: true };
    expect((await problemOf(record([twice, twice]))).field).toEqual(['input', 'outcomes', '1', 'predictionId']);
    expect((await problemOf(record([]))).message).toMatch(/0 outcomes in one request; send 1 to 10000/);
    const many = Array.from({ length: 10_001 }, () => twice);
    expect((await problemOf(record(many))).message).toMatch(/10001 outcomes/);
  });

  it('survive requests that correct the same predictions at once, in opposite orders', async () => {
    const list = predictionIds.map((predictionId) => ({ predictionId, outcome: true }));
    const requests = Array.from({ length: 10 }, (_, index) => record(index % 2 === 0 ? list : list.toReversed()));
    expect(await Promise.all(requests)).toEqual(requests.map(() => list.length));
  });

  it('are refused to a viewer', async () => {
    const outcome = { predictionId: predictionIds[0], outcome: true };
    await expect(operation.outcomes.record([outcome], VIEWER)).rejects.toThrow(/vic may not outcome\.record/);
  });
});
