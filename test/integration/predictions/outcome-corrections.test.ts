import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

let operation: OperationFixture;
beforeAll(async () => {
  operation = await OperationFixture.open();
});
afterAll(() => operation.close());

interface Correction {
  readonly chain: string;
  readonly subject: string;
  readonly details: Readonly<Record<string, number>>;
}

const corrections = (): Promise<Correction[]> =>
  operation.dataSource.query(
    `SELECT chain, subject, details FROM audit_entries WHERE action = 'outcome.correct' ORDER BY recorded_at, sequence`,
  );

describe('Corrected outcomes', () => {
  it('of several models in one request leave one entry in the chain of each', async () => {
    const models = await Promise.all(['first', 'second', 'third'].map((name) => operation.inProduction(name)));
    const windows = [];
    for (const { model } of models) windows.push(await operation.predictWindow(model.name, 4, { labelled: 0 }));
    const list = windows.flatMap((window) => window.predictionIds);
    const recordAll = (outcome: boolean, ids = list) =>
      operation.outcomes.record(
        ids.map((predictionId) => ({ predictionId, outcome })),
        ENGINEER,
      );
    await recordAll(true);
    // The same ones, in opposite orders, at once: chains are locked in one order, whichever way the requests list them.
    await Promise.all([recordAll(false), recordAll(false, list.toReversed()), recordAll(true), recordAll(false)]);
    await recordAll(true);
    await recordAll(true);
    const ids = new Map(models.map(({ model }) => [`Model:${model.id}`, model.id]));
    const balance = new Map<string, number>();
    for (const { chain, subject, details } of await corrections()) {
      expect(chain).toBe(`model:${ids.get(subject)}`);
      expect(details.count).toBe(4);
      balance.set(subject, (balance.get(subject) ?? 0) + details.toTrue - details.toFalse);
    }
    // From true back to true: each turn to false has one back, and what changed nothing left nothing.
    expect([...balance.values()]).toEqual([0, 0, 0]);
    for (const { model } of models)
      expect(await operation.features.audit.verify(model.id)).toMatchObject({ valid: true });
  });

  it('that are sent again unchanged leave no entry; with another time of observation they are a correction', async () => {
    const before = await corrections();
    const observedAt = new Date('2026-03-01T00:00:00Z');
    const [predictionId] = (await operation.predictWindow('first', 1, { labelled: 0 })).predictionIds as [string];
    const send = (at: Date | null) =>
      operation.outcomes.record([{ predictionId, outcome: true, observedAt: at }], ENGINEER);
    await send(observedAt);
    await send(observedAt);
    await send(null);
    expect(await corrections()).toEqual(before);
    await send(observedAt);
    expect((await corrections()).slice(before.length)).toEqual([
      expect.objectContaining({ details: { count: 1, toTrue: 0, toFalse: 0 } }),
    ]);
  });
});
