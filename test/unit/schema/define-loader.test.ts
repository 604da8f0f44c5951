import type { Context } from '../../../src/schema/context';
import { defineListLoader, defineLoader } from '../../../src/schema/define-loader';

const operation = () => ({ loaders: new Map() }) as unknown as Context;

describe('loaders', () => {
  it('read all keys of one turn at once, and put the rows in the order of the keys', async () => {
    const batch = jest.fn(async () => [{ id: 'b' }, { id: 'a' }]);
    const byId = defineLoader(batch, ({ id }) => id);
    const ctx = operation();
    await expect(Promise.all(['a', 'missing', 'b'].map((id) => byId(ctx).load(id)))).resolves.toEqual([
      { id: 'a' },
      null,
      { id: 'b' },
    ]);
    expect(batch).toHaveBeenCalledTimes(1);
  });

  it('share nothing between operations', async () => {
    const batch = jest.fn(async (_ctx: Context, keys: readonly string[]) => keys.map((id) => ({ id })));
    const byId = defineLoader(batch, ({ id }) => id);
    await byId(operation()).load('a');
    await byId(operation()).load('a');
    expect(batch).toHaveBeenCalledTimes(2);
  });

  it('do not mix with another loader of the same operation', async () => {
    const upper = defineLoader(
      async (_ctx, keys) => keys.map((id) => ({ id, text: id.toUpperCase() })),
      (row) => row.id,
    );
    const lower = defineLoader(
      async (_ctx, keys) => keys.map((id) => ({ id, text: id })),
      (row) => row.id,
    );
    const ctx = operation();
    await expect(Promise.all([upper(ctx).load('a'), lower(ctx).load('a')])).resolves.toEqual([
      { id: 'a', text: 'A' },
      { id: 'a', text: 'a' },
    ]);
  });

  it('give each key its list, empty where there is nothing', async () => {
    const ofModel = defineListLoader(
      async () => [
        { model: 'm', version: 2 },
        { model: 'n', version: 1 },
        { model: 'm', version: 1 },
      ],
      ({ model }) => model,
    );
    await expect(ofModel(operation()).loadMany(['m', 'o'])).resolves.toEqual([
      [
        { model: 'm', version: 2 },
        { model: 'm', version: 1 },
      ],
      [],
    ]);
  });
});
