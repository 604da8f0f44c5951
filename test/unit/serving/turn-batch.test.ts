import { TurnBatch } from '../../../src/services/serving/turn-batch';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('A turn batch', () => {
  it('asks once for what one turn of the event loop brought, and gives each its own result', async () => {
    const ask = jest.fn(async (items: readonly number[]) => items.map((item) => item * 10));
    const batch = new TurnBatch(ask);
    const first = [1, 2, 3].map((item) => batch.add(item));
    await turn();
    const second = [4].map((item) => batch.add(item));
    expect(await Promise.all([...first, ...second])).toEqual([10, 20, 30, 40]);
    expect(ask.mock.calls).toEqual([[[1, 2, 3]], [[4]]]);
  });

  it('asks in parts where there are more items than one call may have', async () => {
    const ask = jest.fn(async (items: readonly number[]) => items);
    const batch = new TurnBatch(ask, 2);
    expect(await Promise.all([1, 2, 3, 4, 5].map((item) => batch.add(item)))).toEqual([1, 2, 3, 4, 5]);
    expect(ask.mock.calls).toEqual([[[1, 2]], [[3, 4]], [[5]]]);
  });

  it('rejects the items of a call that fails, and no others', async () => {
    const ask = async (items: readonly number[]) => {
      if (items.includes(2)) throw new Error('no');
      return items;
    };
    const batch = new TurnBatch(ask, 2);
    const results = await Promise.allSettled([1, 2, 3].map((item) => batch.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });
});
