import { randomUUID } from 'node:crypto';
import { IdempotencyKeyReused, InvalidInput } from '../../../src/errors';
import { idempotent, inTransaction, pruneIdempotencyKeys } from '../../../src/services/database';
import { type TransactionOptions } from '../../../src/services/database/transaction';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.dataSource.query(`CREATE SCHEMA work CREATE TABLE note (id uuid PRIMARY KEY, text text NOT NULL)`);
});
afterAll(() => database.drop());
beforeEach(() => database.dataSource.query('DELETE FROM work.note'));

interface Call {
  actor?: string;
  mutation?: string;
  key: string | null;
  input?: unknown;
  options?: TransactionOptions;
  /** Runs inside of the work, after its write. */
  then?: () => Promise<void> | void;
}

/** A mutation as services write it: one row, and its id as the answer. */
function addNote({ actor = 'ann', mutation = 'addNote', key, input = { text: 'hello' }, options, then }: Call) {
  return inTransaction(
    database.dataSource,
    (manager) =>
      idempotent(manager, { actor, mutation, key, input }, async () => {
        const id = randomUUID();
        await manager.query('INSERT INTO work.note VALUES ($1, $2)', [id, 'hello']);
        await then?.();
        return { id };
      }),
    options,
  );
}

async function countNotes(): Promise<number> {
  const [row] = await database.dataSource.query<{ count: number }[]>('SELECT count(*)::int AS count FROM work.note');
  return row.count;
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

describe('a mutation with an idempotency key', () => {
  it('is done once, and a repetition gets the first answer', async () => {
    const key = randomUUID();
    const first = await addNote({ key });
    await expect(addNote({ key })).resolves.toEqual(first);
    await expect(countNotes()).resolves.toBe(1);
  });

  it('takes inputs that mean the same for the same', async () => {
    const key = randomUUID();
    const at = new Date('2026-01-01T00:00:00.000Z');
    const first = await addNote({ key, input: { text: 'hello', at, tag: undefined } });
    await expect(addNote({ key, input: { at: at.toISOString(), text: 'hello' } })).resolves.toEqual(first);
  });

  it('refuses the key with another input, and does nothing', async () => {
    const key = randomUUID();
    await addNote({ key, input: { text: 'hello' } });
    await expect(addNote({ key, input: { text: 'goodbye' } })).rejects.toThrow(IdempotencyKeyReused);
    await expect(countNotes()).resolves.toBe(1);
  });

  it('leaves the keys of other actors and mutations alone', async () => {
    const key = randomUUID();
    await addNote({ key });
    await addNote({ key, actor: 'bob' });
    await addNote({ key, mutation: 'appendNote' });
    await expect(countNotes()).resolves.toBe(3);
  });

  it.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const)(
    'gives concurrent twins one answer under %s, the later waiting for the first',
    async (isolation) => {
      const key = randomUUID();
      const twins = Array.from({ length: 5 }, () => addNote({ key, options: { isolation }, then: () => pause(30) }));
      const answers = await Promise.all(twins);
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      await expect(countNotes()).resolves.toBe(1);
    },
  );

  it('is done by the waiting twin when the first one fails', async () => {
    const key = randomUUID();
    const { promise: firstBegan, resolve: begun } = withResolvers();
    const first = addNote({
      key,
      then: async () => {
        begun();
        await pause(50);
        throw new Error('no luck');
      },
    }).catch((error: unknown) => error);
    await firstBegan;
    const second = await addNote({ key });
    await expect(first).resolves.toHaveProperty('message', 'no luck');
    const notes = await database.dataSource.query<{ id: string }[]>('SELECT id FROM work.note');
    expect(notes).toEqual([second]);
  });

  it('refuses a key that is empty or too long', async () => {
    await expect(addNote({ key: '' })).rejects.toThrow(InvalidInput);
    await expect(addNote({ key: 'k'.repeat(256) })).rejects.toThrow('must have 1 to 255 characters');
    await expect(addNote({ key: 'k'.repeat(255) })).resolves.toHaveProperty('id');
  });

  it('outside of a transaction is a mistake of ours', async () => {
    const request = { actor: 'ann', mutation: 'addNote', key: 'k', input: {} };
    await expect(idempotent(database.dataSource.manager, request, async () => 1)).rejects.toThrow(
      'needs the manager of a transaction',
    );
  });
});

describe('a mutation without a key', () => {
  it('is done each time', async () => {
    await addNote({ key: null });
    await addNote({ key: null });
    await expect(countNotes()).resolves.toBe(2);
  });
});

describe('a key older than a day', () => {
  const age = (key: string) =>
    database.dataSource.query(
      `UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second' WHERE key = $1`,
      [key],
    );

  it('is new again, also with another input', async () => {
    const key = randomUUID();
    await addNote({ key });
    await age(key);
    const second = await addNote({ key, input: { text: 'goodbye' } });
    await expect(addNote({ key, input: { text: 'goodbye' } })).resolves.toEqual(second);
    await expect(countNotes()).resolves.toBe(2);
  });

  it('is pruned, and younger ones stay', async () => {
    const [old, young] = [randomUUID(), randomUUID()];
    await addNote({ key: old });
    await addNote({ key: young });
    await age(old);
    await expect(pruneIdempotencyKeys(database.dataSource)).resolves.toBe(1);
    await expect(pruneIdempotencyKeys(database.dataSource)).resolves.toBe(0);
    const before = await countNotes();
    await addNote({ key: young });
    await expect(countNotes()).resolves.toBe(before);
  });
});
