import fc from 'fast-check';
import {
  type AuditContent,
  type AuditLink,
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
