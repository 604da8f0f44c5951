import fc from 'fast-check';
import {
  type AuditContent,
  type AuditLink,
  type ChainBreak,
  type ChainEnd,
  ChainWalk,
  CHAIN_START,
  canonicalDetails,
  chainOf,
  findHeadBreak,
  findLinkBreak,
  hashEntry,
} from '../../../src/services/audit/audit-chain';

const content = (sequence: number, changes: Partial<AuditContent> = {}): AuditContent => ({
  chain: 'platform',
  sequence,
  recordedAt: new Date('2026-01-02T03:04:05.678Z'),
  actor: 'ada',
  action: 'model.create',
  subject: 'Model:1',
  details: { name: 'churn' },
  requestId: 'r1',
  ...changes,
});

function link(sequence: number, previousHash: Buffer, changes: Partial<AuditContent> = {}): AuditLink {
  const entry = content(sequence, changes);
  return { ...entry, previousHash, hash: hashEntry(entry, previousHash) };
}

const first = link(1, CHAIN_START.hash);
const second = link(2, first.hash);

describe('the hash of an entry', () => {
  it('is SHA-256 over its canonical JSON with the hash before it, so that anyone can recompute it', () => {
    // printf '%s' '{"action":"model.create",…}' | sha256sum, over the text in the comment of the next line with 64 zeros for previousHash.
    // {"action":"model.create","actor":"ada","chain":"platform","details":{"name":"churn"},"previousHash":"0…0","recordedAt":1767323045678,"requestId":"r1","sequence":1,"subject":"Model:1"}
    expect(first.hash.toString('hex')).toBe('4cb4ae9504be299c07a17299b3049ebd958434973a71f6ba3b11ab90214dde2d');
  });

  it('does not depend on the order of keys in the details', () => {
    const one = hashEntry(content(1, { details: { a: 1, b: { c: 2, d: 3 } } }), CHAIN_START.hash);
    const other = hashEntry(content(1, { details: { b: { d: 3, c: 2 }, a: 1 } }), CHAIN_START.hash);
    expect(one).toEqual(other);
  });

  it.each<Partial<AuditContent>>([
    { chain: 'model:1' },
    { sequence: 2 },
    { recordedAt: new Date('2026-01-02T03:04:05.679Z') },
    { actor: 'eve' },
    { action: 'model.update' },
    { subject: 'Model:2' },
    { details: { name: 'fraud' } },
    { requestId: 'r2' },
  ])('changes with %p', (changes) => {
    expect(hashEntry(content(1, changes), CHAIN_START.hash)).not.toEqual(first.hash);
  });

  it('changes with the hash before it', () => {
    expect(hashEntry(content(1), second.hash)).not.toEqual(first.hash);
  });
});

describe('canonical details', () => {
  it.each([
    ['NaN', { auc: Number.NaN }],
    ['an infinity', { auc: -Infinity }],
    ['a bigint', { rows: 1n }],
    ['U+0000', { text: 'a\0b' }],
    ['U+0000 in a key', { 'a\0b': 1 }],
    ['a lone surrogate', { text: '\ud800' }],
  ])('refuse %s', (_, details) => {
    expect(() => canonicalDetails(details)).toThrow();
  });

  it('take text that merely looks like an escape', () => {
    expect(canonicalDetails({ text: '\\u0000' })).toBe('{"text":"\\\\u0000"}');
  });

  it('leave out what is undefined and write dates as ISO 8601', () => {
    expect(canonicalDetails({ b: undefined, a: new Date(0) })).toBe('{"a":"1970-01-01T00:00:00.000Z"}');
  });

  it('come back from JSON to the same text', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (details) => {
        const text = canonicalDetails(details);
        expect(canonicalDetails(JSON.parse(text) as Record<string, unknown>)).toBe(text);
      }),
    );
  });
});

describe('a chain', () => {
  it('is named after its model, or is the platform’s', () => {
    expect(chainOf('7d9c')).toBe('model:7d9c');
    expect(chainOf(null)).toBe('platform');
  });

  it('holds while each entry continues the one before', () => {
    expect(findLinkBreak(CHAIN_START, first)).toBeNull();
    expect(findLinkBreak(first, second)).toBeNull();
  });

  it('breaks at a changed entry', () => {
    expect(findLinkBreak(first, { ...second, actor: 'eve' })).toEqual({
      sequence: 2,
      problem: 'entry 2 was changed after it was written',
    });
  });

  it('breaks where an entry was taken out', () => {
    expect(findLinkBreak(CHAIN_START, second)).toEqual({ sequence: 1, problem: 'entry 1 is missing' });
  });

  it('breaks where an entry was replaced together with its hash', () => {
    const forged = link(1, CHAIN_START.hash, { actor: 'eve' });
    expect(findLinkBreak(forged, second)?.problem).toBe('entry 2 does not continue the entry before it');
  });

  it('ends where its head says', () => {
    expect(findHeadBreak(second, { sequence: 2, hash: second.hash })).toBeNull();
    expect(findHeadBreak(CHAIN_START, CHAIN_START)).toBeNull();
  });

  it('has lost its tail when the head stands further on', () => {
    expect(findHeadBreak(first, second)).toEqual({
      sequence: 2,
      problem: 'its tail is cut off, entries 2 to 2 are missing',
    });
  });

  it('is broken when its head stands before its end, or has another hash', () => {
    expect(findHeadBreak(second, first)?.sequence).toBe(2);
    expect(findHeadBreak(second, { sequence: 2, hash: first.hash })?.sequence).toBe(2);
  });
});

/** What a verification of these entries finds, by sequence as the database gives them. */
function findBreak(entries: readonly AuditLink[], head: ChainEnd, kept: ChainEnd | null = null): ChainBreak | null {
  const walk = new ChainWalk(kept);
  for (const entry of entries.toSorted((a, b) => a.sequence - b.sequence)) {
    const found = walk.take(entry);
    if (found) return found;
  }
  return walk.end(head);
}

/** The entries with right hashes from the one at an index on, as one who can compute hashes would write them. */
function rehashed(entries: readonly AuditLink[], from: number): AuditLink[] {
  const chain = entries.slice(0, from);
  for (const entry of entries.slice(from)) {
    const previousHash = chain.at(-1)?.hash ?? CHAIN_START.hash;
    chain.push({ ...entry, previousHash, hash: hashEntry(entry, previousHash) });
  }
  return chain;
}

const endOf = (entries: readonly AuditLink[]): ChainEnd => entries.at(-1) ?? CHAIN_START;

/** A chain, and one or two different places in it. */
const chains = fc
  .array(fc.record({ actor: fc.string(), details: fc.dictionary(fc.string(), fc.jsonValue()) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((changes) =>
    rehashed(
      changes.map((change, index) => link(index + 1, CHAIN_START.hash, change)),
      0,
    ),
  );
const chainsAndPlace = chains.chain((entries) =>
  fc.record({ entries: fc.constant(entries), place: fc.nat(entries.length - 1) }),
);

const CHANGES: readonly ((entry: AuditLink) => Partial<AuditLink>)[] = [
  ({ chain }) => ({ chain: `${chain}x` }),
  ({ recordedAt }) => ({ recordedAt: new Date(recordedAt.getTime() + 1) }),
  ({ actor }) => ({ actor: `${actor}x` }),
  ({ action }) => ({ action: `${action}x` }),
  ({ subject }) => ({ subject: `${subject}x` }),
  ({ details }) => ({ details: { ...details, added: true } }),
  ({ requestId }) => ({ requestId: `${requestId}x` }),
  ({ hash }) => ({ hash: Buffer.from(hash.map((byte) => byte ^ 1)) }),
  ({ previousHash }) => ({ previousHash: Buffer.from(previousHash.map((byte) => byte ^ 1)) }),
];

describe('tampering with a chain', () => {
  it('is not found where there was none, whatever entries it has and whichever of its heads was kept', () => {
    fc.assert(
      fc.property(chainsAndPlace, ({ entries, place }) => {
        expect(findBreak(entries, endOf(entries))).toBeNull();
        expect(findBreak(entries, endOf(entries), entries[place])).toBeNull();
      }),
    );
  });

  it('is found at the entry that was changed, whichever part of it', () => {
    fc.assert(
      fc.property(chainsAndPlace, fc.constantFrom(...CHANGES), ({ entries, place }, change) => {
        const entry = entries[place];
        const found = findBreak(entries.with(place, { ...entry, ...change(entry) }), endOf(entries));
        expect(found?.sequence).toBe(place + 1);
      }),
    );
  });

  it('is found behind the entry that was changed together with its hash, or at the head', () => {
    fc.assert(
      fc.property(chainsAndPlace, ({ entries, place }) => {
        const [forged] = rehashed([...entries.slice(0, place), { ...entries[place], actor: 'eve\n' }], place).slice(
          place,
        );
        const found = findBreak(entries.with(place, forged), endOf(entries));
        expect(found?.sequence).toBe(Math.min(place + 2, entries.length));
      }),
    );
  });

  it('is found at the first entry that was deleted, however many were', () => {
    fc.assert(
      fc.property(chains, fc.infiniteStream(fc.boolean()), (entries, deletions) => {
        const kept = entries.filter(() => !deletions.next().value);
        fc.pre(kept.length < entries.length);
        const first = entries.findIndex((entry) => !kept.includes(entry)) + 1;
        expect(findBreak(kept, endOf(entries))?.sequence).toBe(first);
      }),
    );
  });

  it('is found at the first of two entries that were swapped', () => {
    fc.assert(
      fc.property(chainsAndPlace, fc.nat(11), ({ entries, place }, offset) => {
        const other = offset % entries.length;
        fc.pre(other !== place);
        const swapped = entries
          .with(place, { ...entries[other], sequence: place + 1 })
          .with(other, { ...entries[place], sequence: other + 1 });
        expect(findBreak(swapped, endOf(entries))?.sequence).toBe(Math.min(place, other) + 1);
      }),
    );
  });

  it('is found at an entry that was put in: before the first, in between, twice, or behind the last', () => {
    fc.assert(
      fc.property(chains, fc.nat(14), fc.boolean(), (entries, offset, pushOthersOn) => {
        const sequence = offset - 1;
        fc.pre(sequence <= entries.length + 1);
        const forged = link(sequence, entries[sequence - 2]?.hash ?? CHAIN_START.hash, { actor: 'eve\n' });
        const rest = entries.map((entry) =>
          pushOthersOn && entry.sequence >= sequence ? { ...entry, sequence: entry.sequence + 1 } : entry,
        );
        const found = findBreak([...rest, forged], endOf(entries));
        expect(found).not.toBeNull();
        // One that fits is noticed by the next one, which does not continue it.
        expect([sequence, sequence + 1]).toContain(found?.sequence);
      }),
    );
  });

  it('by who writes the rest of the chain anew, head and all, is found by a head that was kept, and only by that', () => {
    fc.assert(
      fc.property(chainsAndPlace, fc.nat(11), ({ entries, place }, offset) => {
        const forged = rehashed(entries.with(place, { ...entries[place], actor: 'eve\n' }), place);
        const kept = entries[offset % entries.length];
        const found = findBreak(forged, endOf(forged), kept);
        expect(findBreak(forged, endOf(forged))).toBeNull();
        expect(found?.sequence ?? null).toBe(kept.sequence > place ? kept.sequence : null);
      }),
    );
  });

  it('by who cuts off the tail and sets the head back is found by a head that was kept, at the first entry that is missing', () => {
    fc.assert(
      fc.property(chainsAndPlace, fc.nat(11), ({ entries, place }, offset) => {
        const rest = entries.slice(0, place);
        const kept = entries[offset % entries.length];
        expect(findBreak(rest, endOf(rest))).toBeNull();
        expect(findBreak(rest, endOf(rest), kept)?.sequence ?? null).toBe(kept.sequence > place ? place + 1 : null);
      }),
    );
  });
});
