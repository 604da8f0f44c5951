import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Client } from 'pg';
import { type NewAuditEntry, AuditTrail } from '../../../src/services/audit';
import { createTestDatabase, type TestDatabase } from '../../support/test-database';

let database: TestDatabase;
let audit: AuditTrail;

beforeAll(async () => {
  database = await createTestDatabase();
  audit = new AuditTrail({ dataSource: database.dataSource });
});

afterAll(() => database.drop());

function append(modelId: string | null, changes: Partial<NewAuditEntry> = {}): Promise<void> {
  const entry = { actor: { name: 'ada', requestId: 'r1' }, action: 'model.update', subject: 'Model:1', details: {} };
  return database.dataSource.transaction((manager) => audit.append(manager, { modelId, ...entry, ...changes }));
}

const TABLES = ['audit_entries', 'audit_heads'];

/** What an intruder with the owner's rights could do: the triggers off, the rows changed. */
async function tamper(sql: string, parameters: unknown[]): Promise<void> {
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    for (const table of TABLES) await owner.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await owner.query(sql, parameters);
    for (const table of TABLES) await owner.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  } finally {
    await owner.end();
  }
}

async function asOwner(sql: string): Promise<void> {
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    await owner.query(sql);
  } finally {
    await owner.end();
  }
}

async function chainOfThree(): Promise<{ modelId: string; chain: string }> {
  const modelId = randomUUID();
  for (const step of [1, 2, 3]) await append(modelId, { details: { step } });
  return { modelId, chain: `model:${modelId}` };
}

test('a chain that nobody touched is valid, with its count and head', async () => {
  const { modelId } = await chainOfThree();
  expect(await audit.verify(modelId)).toEqual({
    valid: true,
    entryCount: 3,
    firstBrokenSequence: null,
    head: expect.stringMatching(/^[0-9a-f]{64}$/),
    headSequence: 3,
    message: 'All 3 entries are as they were written.',
  });
});

test('a chain without entries is valid and has no head', async () => {
  expect(await audit.verify(randomUUID())).toMatchObject({ valid: true, entryCount: 0, head: null });
});

test('models and the platform have chains of their own', async () => {
  await append(null);
  const { modelId } = await chainOfThree();
  expect((await audit.verify(modelId)).entryCount).toBe(3);
  expect((await audit.verify(null)).entryCount).toBe(1);
});

test('details come back from jsonb with the same hash, whatever JSON values they are', async () => {
  const modelId = randomUUID();
  const awkward = [
    0.1 + 0.2,
    1e21,
    5e-324,
    Number.MAX_VALUE,
    -0,
    2 ** 53,
    1e-7,
    100,
    'naïve ✓ 😀 \u2028',
    { ключ: null },
  ];
  await append(modelId, { details: { awkward } });
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        text,
        fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.array(fc.boolean())),
      ),
      (details) => append(modelId, { details }),
    ),
    { numRuns: 60 },
  );
  expect(await audit.verify(modelId)).toMatchObject({ valid: true, entryCount: 61 });
});

test('NaN in the details is refused and takes the change back with it', async () => {
  const modelId = randomUUID();
  await expect(append(modelId, { details: { auc: Number.NaN } })).rejects.toThrow('NaN');
  expect(await audit.verify(modelId)).toMatchObject({ entryCount: 0, head: null });
});

test('a rolled-back transaction leaves no entry and no gap', async () => {
  const { modelId } = await chainOfThree();
  const failing = database.dataSource.transaction(async (manager) => {
    const actor = { name: 'ada', requestId: 'r1' };
    await audit.append(manager, { modelId, actor, action: 'x', subject: 'y', details: {} });
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  await append(modelId);
  expect(await audit.verify(modelId)).toMatchObject({ valid: true, entryCount: 4 });
});

test('many transactions that append at once make one chain without a fork', async () => {
  const modelId = randomUUID();
  await Promise.all(Array.from({ length: 40 }, (_, index) => append(modelId, { details: { index } })));
  expect(await audit.verify(modelId)).toMatchObject({ valid: true, entryCount: 40 });
});

test('a chain of more than one page verifies to its end', async () => {
  const modelId = randomUUID();
  await database.dataSource.transaction(async (manager) => {
    const actor = { name: 'ada', requestId: 'r1' };
    for (let index = 0; index < 1100; index++)
      await audit.append(manager, { modelId, actor, action: 'x', subject: 'y', details: { index } });
  });
  expect(await audit.verify(modelId)).toMatchObject({ valid: true, entryCount: 1100 });
  await tamper(`DELETE FROM audit_entries WHERE chain = $1 AND sequence = 1050`, [`model:${modelId}`]);
  expect(await audit.verify(modelId)).toMatchObject({ valid: false, firstBrokenSequence: 1050 });
});

test('a changed entry is named', async () => {
  const { modelId, chain } = await chainOfThree();
  await tamper(`UPDATE audit_entries SET details = '{"step": 7}' WHERE chain = $1 AND sequence = 2`, [chain]);
  expect(await audit.verify(modelId)).toMatchObject({
    valid: false,
    firstBrokenSequence: 2,
    message: 'The chain is broken: entry 2 was changed after it was written.',
  });
});

test('a removed entry is named', async () => {
  const { modelId, chain } = await chainOfThree();
  await tamper('DELETE FROM audit_entries WHERE chain = $1 AND sequence = 1', [chain]);
  expect(await audit.verify(modelId)).toMatchObject({ valid: false, firstBrokenSequence: 1, entryCount: 2 });
});

test('a tail that was cut off is noticed by the head', async () => {
  const { modelId, chain } = await chainOfThree();
  await tamper('DELETE FROM audit_entries WHERE chain = $1 AND sequence = 3', [chain]);
  expect(await audit.verify(modelId)).toMatchObject({
    valid: false,
    firstBrokenSequence: 3,
    message: 'The chain is broken: its tail is cut off, entries 3 to 3 are missing.',
  });
});

async function headOf(chain: string): Promise<{ sequence: number; hash: Buffer }> {
  const rows = await database.dataSource.query<{ sequence: number; hash: Buffer }[]>(
    'SELECT sequence, hash FROM audit_heads WHERE chain = $1',
    [chain],
  );
  return rows[0];
}

test('a tail that was cut off together with the head’s record of it is noticed by a head that was kept', async () => {
  const { modelId, chain } = await chainOfThree();
  const kept = await headOf(chain);
  expect(await audit.verify(modelId, kept)).toMatchObject({
    valid: true,
    message: 'All 3 entries are as they were written, and entry 3 has the hash of the kept head.',
  });
  await tamper(
    `WITH cut AS (DELETE FROM audit_entries WHERE chain = $1 AND sequence > 1)
     UPDATE audit_heads SET sequence = 1, hash = (SELECT hash FROM audit_entries WHERE chain = $1 AND sequence = 1) WHERE chain = $1`,
    [chain],
  );
  expect(await audit.verify(modelId)).toMatchObject({ valid: true, entryCount: 1 });
  expect(await audit.verify(modelId, kept)).toMatchObject({
    valid: false,
    firstBrokenSequence: 2,
    message: 'The chain is broken: its tail is cut off since its head was kept, entries 2 to 3 are missing.',
  });
});

test('a chain that was written anew as a whole is noticed by a head that was kept, also after it has grown', async () => {
  const { modelId, chain } = await chainOfThree();
  const kept = await headOf(chain);
  await tamper('DELETE FROM audit_entries WHERE chain = $1', [chain]);
  await tamper('DELETE FROM audit_heads WHERE chain = $1', [chain]);
  for (const step of [1, 2, 3, 4]) await append(modelId, { actor: { name: 'eve', requestId: 'r' }, details: { step } });
  expect(await audit.verify(modelId)).toMatchObject({ valid: true, entryCount: 4 });
  expect(await audit.verify(modelId, kept)).toMatchObject({
    valid: false,
    firstBrokenSequence: 3,
    message: 'The chain is broken: it was rewritten, up to entry 3 at least: that has another hash than the kept head.',
  });
});

test('an entry that was put in before the first one is named', async () => {
  const { modelId, chain } = await chainOfThree();
  await tamper('ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_sequence_check', []);
  await tamper(
    `INSERT INTO audit_entries SELECT chain, 0, recorded_at, actor, action, subject, details, request_id, previous_hash, hash
     FROM audit_entries WHERE chain = $1 AND sequence = 1`,
    [chain],
  );
  expect(await audit.verify(modelId)).toMatchObject({ valid: false, firstBrokenSequence: 0, entryCount: 4 });
});

/** SQL on the entry $2 of chain $1 of six; what a verification finds afterwards. */
const TAMPERINGS = {
  change: {
    sql: "UPDATE audit_entries SET actor = 'eve' WHERE chain = $1 AND sequence = $2",
    found: (at: number) => at,
  },
  deletion: { sql: 'DELETE FROM audit_entries WHERE chain = $1 AND sequence = $2', found: (at: number) => at },
  swap: {
    sql: `UPDATE audit_entries AS entry SET details = other.details, hash = other.hash, previous_hash = other.previous_hash
          FROM audit_entries AS other WHERE entry.chain = $1 AND other.chain = $1 AND other.sequence <> entry.sequence
            AND entry.sequence IN ($2::int, $2::int % 6 + 1) AND other.sequence IN ($2::int, $2::int % 6 + 1)`,
    found: (at: number) => Math.min(at, (at % 6) + 1),
  },
  insertion: {
    sql: `INSERT INTO audit_entries SELECT chain, 7, recorded_at, actor, action, subject, details, request_id, previous_hash, hash
          FROM audit_entries WHERE chain = $1 AND sequence = $2`,
    found: () => 7,
  },
} as const;

test('any change, deletion, swap or insertion in the database is found, and where', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(TAMPERINGS)),
      fc.integer({ min: 1, max: 6 }),
      async ({ sql, found }, at) => {
        const modelId = randomUUID();
        for (const step of [1, 2, 3, 4, 5, 6]) await append(modelId, { details: { step } });
        await tamper(sql, [`model:${modelId}`, at]);
        expect(await audit.verify(modelId)).toMatchObject({ valid: false, firstBrokenSequence: found(at) });
      },
    ),
    { numRuns: 24 },
  );
});

const REFUSED = [
  "UPDATE audit_entries SET actor = 'eve'",
  'DELETE FROM audit_entries',
  'TRUNCATE audit_entries',
  'DELETE FROM audit_heads',
  'TRUNCATE audit_heads',
];

test.each(REFUSED)('the application cannot %s', async (sql) => {
  await append(null);
  await expect(database.dataSource.query(sql)).rejects.toThrow('permission denied');
});

test.each(REFUSED)('the owner of the tables cannot %s', async (sql) => {
  await append(null);
  await expect(asOwner(sql)).rejects.toThrow(/is append-only: (UPDATE|DELETE|TRUNCATE) is refused/);
});

test.each([
  ['be set back', 'UPDATE audit_heads SET sequence = sequence - 1'],
  ['skip an entry', 'UPDATE audit_heads SET sequence = sequence + 2'],
  ['take another hash', "UPDATE audit_heads SET hash = decode('00', 'hex')"],
  ['become that of another chain', "UPDATE audit_heads SET chain = 'x', sequence = sequence + 1"],
  ['start in the middle', "INSERT INTO audit_heads VALUES ('new', 5, decode(repeat('00', 32), 'hex'))"],
])('a head cannot %s, for the application or for the owner', async (_, sql) => {
  await append(null);
  await expect(database.dataSource.query(sql)).rejects.toThrow(/can only move on by one entry/);
  await expect(asOwner(sql)).rejects.toThrow(/can only move on by one entry/);
});
