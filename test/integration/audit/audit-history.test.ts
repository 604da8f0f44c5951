import { setTimeout as sleep } from 'node:timers/promises';
import { CursorInvalid, InvalidInput, NotFound } from '../../../src/errors';
import { CHAIN_START, hashEntry } from '../../../src/services/audit/audit-chain';
import { toGlobalId } from '../../../src/schema/global-id';
import type { AuditSearch } from '../../../src/services/registry';
import { askRegistry } from '../../support/registry-api';
import { engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
  await modelWithUpdates('busy', 12);
  await modelWithUpdates('quiet', 1);
  await registry.dataSource.transaction((manager) =>
    registry.audit.append(manager, {
      modelId: null,
      actor: { name: 'bob', requestId: 'r' },
      action: 'job.cancel',
      subject: 'Job:00000000-0000-4000-8000-000000000000',
      details: {},
    }),
  );
});
afterAll(() => registry.close());

async function modelWithUpdates(name: string, count: number): Promise<string> {
  const { id } = await registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
  for (let revision = 1; revision <= count; revision++) {
    const actor = { ...engineer, name: revision % 2 === 0 ? 'eve' : 'ada' };
    await registry.models.update({ model: name, revision, description: `${revision}` }, actor);
  }
  return id;
}

const list = (search: AuditSearch) => registry.auditHistory.entries(search, { first: 100 });

describe('The entries of the audit trail', () => {
  it('are listed newest first, of one model or of all chains, in pages that neither skip nor repeat', async () => {
    for (const model of ['busy', null]) {
      const whole = await list({ model });
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const page = await registry.auditHistory.entries({ model }, { first: 4, after });
        seen.push(...page.rows.map(({ chain, sequence }) => `${chain} ${sequence}`));
        after = page.hasNextPage ? (page.cursors.at(-1) ?? null) : null;
      } while (after !== null);
      expect(seen).toEqual(whole.rows.map(({ chain, sequence }) => `${chain} ${sequence}`));
      expect(seen).toHaveLength(await whole.totalCount());
      const times = whole.rows.map(({ recordedAt }) => recordedAt.getTime());
      expect(times).toEqual(times.toSorted((a, b) => b - a));
    }
    expect(await (await list({ model: 'busy' })).totalCount()).toBe(13);
    expect(await (await list({})).totalCount()).toBe(16);
  });

  it('are found by action, actor and time, from a moment on and before another', async () => {
    const { rows } = await list({ model: 'busy' });
    const created = rows.at(-1);
    expect(created?.action).toBe('model.create');
    expect((await list({ model: 'busy', action: 'model.create' })).rows).toEqual([created]);
    expect((await list({ model: 'busy', actor: 'eve' })).rows).toEqual(rows.filter(({ actor }) => actor === 'eve'));
    expect((await list({ actor: 'bob' })).rows.map(({ action }) => action)).toEqual(['job.cancel']);
    const [from, to] = [rows[8].recordedAt, rows[3].recordedAt];
    const between = rows.filter(({ recordedAt }) => recordedAt >= from && recordedAt < to);
    expect((await list({ model: 'busy', from, to })).rows).toEqual(between);
    expect((await list({ action: 'nothing.such' })).rows).toEqual([]);
  });

  it('are refused by what is wrong: an unknown model, an empty range, a cursor of another list', async () => {
    await expect(list({ model: 'none' })).rejects.toThrow(NotFound);
    await expect(list({ from: new Date(2), to: new Date(2) })).rejects.toThrow(InvalidInput);
    const { cursors } = await list({ model: 'busy' });
    await expect(registry.auditHistory.entries({}, { first: 1, after: cursors[0] })).rejects.toThrow(CursorInvalid);
  });

  it('are those of the model that has the name today; of deleted ones, of the last that had it', async () => {
    const former = await modelWithUpdates('named', 2);
    await registry.dataSource.query('UPDATE models SET deleted_at = now() WHERE id = $1', [former]);
    expect((await list({ model: 'named' })).rows).toHaveLength(3);
    expect(await registry.auditHistory.verify('named')).toMatchObject({ valid: true, entryCount: 3 });
    await modelWithUpdates('named', 1);
    expect((await list({ model: 'named' })).rows).toHaveLength(2);
    const labels = (await registry.auditHistory.chains()).map(({ label }) => label);
    expect(labels).toEqual(['(platform)', 'busy', 'named', 'quiet', 'named (deleted)']);
  });

  it('are answered over the API with their model, subject and hashes', async () => {
    const { data, errors } = await askRegistry(
      registry,
      `{ auditEntries(model: "quiet", first: 1) {
        totalCount
        nodes { chain sequence model { name } action actor subjectType subjectId details requestId previousHash hash }
      } }`,
    );
    const { id } = await registry.models.get('quiet');
    const { rows } = await list({ model: 'quiet' });
    expect(errors).toEqual([]);
    expect((data as { auditEntries: unknown }).auditEntries).toEqual({
      totalCount: 2,
      nodes: [
        {
          chain: `model:${id}`,
          sequence: 2,
          model: { name: 'quiet' },
          action: 'model.update',
          actor: 'ada',
          subjectType: 'Model',
          subjectId: toGlobalId('Model', id),
          details: { description: '1' },
          requestId: 'request-1',
          previousHash: rows[1].hash.toString('hex'),
          hash: rows[0].hash.toString('hex'),
        },
      ],
    });
  });
});

describe('An export of the audit trail', () => {
  it('has every entry, chain by chain and in order, so that anyone can recompute the hashes', async () => {
    let last: { chain: string; sequence: number; hash: Buffer } | null = null;
    let count = 0;
    for await (const entry of registry.auditHistory.stream(null)) {
      const before: { sequence: number; hash: Buffer } = last?.chain === entry.chain ? last : CHAIN_START;
      expect(entry.sequence).toBe(before.sequence + 1);
      expect(hashEntry(entry, before.hash)).toEqual(entry.hash);
      last = entry;
      count += 1;
    }
    expect(count).toBe(await (await list({})).totalCount());
  });

  it('is as of its first entry: what is appended while it runs is not in it', async () => {
    const { id } = await registry.models.create({ name: 'growing', taskType: 'REGRESSION' }, engineer);
    const append = (count: number) =>
      registry.dataSource.transaction(async (manager) => {
        for (let index = 0; index < count; index++) {
          const entry = { modelId: id, actor: engineer, action: 'x', subject: `Model:${id}`, details: {} };
          await registry.audit.append(manager, entry);
        }
      });
    await append(1500);
    const sequences: number[] = [];
    for await (const { sequence } of registry.auditHistory.stream('growing')) {
      if (sequences.length === 0) await append(5);
      sequences.push(sequence);
    }
    expect(sequences).toEqual(Array.from({ length: 1501 }, (_, index) => index + 1));
  });

  it('that is not read to its end gives its connection back', async () => {
    for (let attempt = 0; attempt < 30; attempt++) {
      for await (const entry of registry.auditHistory.stream(null)) {
        expect(entry.sequence).toBe(1);
        break;
      }
    }
    await sleep(0);
    expect(await registry.auditHistory.verify(null)).toMatchObject({ valid: true });
  });
});

describe('The verification over the API', () => {
  const verify = async (expectedHead: object | null) => {
    const { data, errors } = await askRegistry(
      registry,
      `query ($expectedHead: AuditHeadInput) {
        verifyAuditTrail(model: "busy", expectedHead: $expectedHead) { valid head headSequence firstBrokenSequence message }
      }`,
      { expectedHead },
    );
    return { errors, verification: (data as { verifyAuditTrail: Record<string, unknown> } | null)?.verifyAuditTrail };
  };

  it('takes a head that was kept, and tells when the chain does not have it', async () => {
    const { head, headSequence } = (await verify(null)).verification ?? {};
    expect(headSequence).toBe(13);
    expect((await verify({ sequence: headSequence, hash: head })).verification).toMatchObject({ valid: true });
    expect((await verify({ sequence: 12, hash: head })).verification).toMatchObject({
      valid: false,
      firstBrokenSequence: 12,
    });
    expect((await verify({ sequence: 15, hash: head })).verification).toMatchObject({
      valid: false,
      firstBrokenSequence: 14,
      message: expect.stringContaining('entries 14 to 15 are missing') as unknown,
    });
  });

  it.each([
    [{ sequence: 0, hash: 'a'.repeat(64) }, /expectedHead\.sequence: 0 is not the number of an entry/],
    [{ sequence: 1, hash: 'abc' }, /expectedHead\.hash: "abc" is not a hash of 64 hexadecimal digits/],
  ])('refuses the head %j', async (head, message) => {
    expect((await verify(head)).errors).toEqual([expect.stringMatching(message)]);
  });
});
