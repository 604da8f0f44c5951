import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../../../src/errors';
import { checkReferenceProfile } from '../../../src/services/training/check-reference-profile';
import { referenceOf, SIGNATURE, subscribers } from '../../support/subscribers';

const signature = { inputs: [...SIGNATURE.inputs] };
const profile = referenceOf(subscribers(300, 'reference'));
const [minutes, plan, calls] = profile.features;
const { concept, prediction } = profile;
const { rows } = concept;

const check = (json: unknown) => checkReferenceProfile(new TextEncoder().encode(JSON.stringify(json)), signature);
const withMinutes = (changes: object) => ({ ...profile, features: [{ ...minutes, ...changes }, plan, calls] });
const withRows = (changes: object) => ({ ...profile, concept: { ...concept, rows: { ...rows, ...changes } } });
const edges = (...numbers: number[]) => withMinutes({ bins: { kind: 'NUMERIC', edges: numbers } });

describe('An uploaded reference profile', () => {
  it('is right as a training writes it, in any order of the features, of a part of them, and without the rows of the transforms', () => {
    expect(check(profile)).toEqual(profile);
    const { rows: _rows, ...withoutRows } = concept;
    for (const other of [
      { ...profile, concept: withoutRows, features: [calls, minutes, plan] },
      { ...profile, concept: withoutRows, features: [plan] },
    ])
      expect(check(other)).toEqual(other);
  });

  it('is right as docs/reference-profile.md shows one', () => {
    const page = readFileSync(path.join(__dirname, '../../../docs/reference-profile.md'), 'utf8');
    const [, example] = /```json\n([^`]+)```/.exec(page) ?? [];
    const shown = checkReferenceProfile(Buffer.from(example), { inputs: [{ name: 'tenure', dtype: 'INT64' }] });
    expect(shown).toEqual(JSON.parse(example));
  });

  it.each<[string, unknown, RegExp]>([
    ['a feature of another model', withMinutes({ name: 'seconds' }), /features\[0\]\.name: is seconds, which the sig/],
    ['a feature twice', { ...profile, features: [plan, plan] }, /features\[1\]\.name: .*there twice/],
    ['a number as categories', withMinutes({ bins: plan.bins, counts: plan.counts }), /bins\.kind: must be NUMERIC/],
    ['no edges where bins are counted', edges(), /features\[0\]\.counts\.bins: has \d+ counts, .* are 2/],
    ['one edge', edges(1), /edges: has one edge/],
    ['edges that fall', edges(1, 3, 2), /edges\[2\]: is not above the edge before it/],
    ['an edge twice that is not the last', edges(1, 1, 2), /edges\[1\]: is not above/],
    [
      'a level twice',
      { ...profile, features: [{ ...plan, bins: { kind: 'CATEGORICAL', levels: ['a', 'a'] } }] },
      /twice/,
    ],
    ['rows that are not counted', { ...profile, rowCount: 301 }, /counts: counts 300 rows, and rowCount is 301/],
    ['no rows', { ...profile, rowCount: 0 }, /rowCount: must be a whole number from 1/],
    [
      'a probability above 1',
      { ...profile, concept: { ...concept, pit: [1.5] } },
      /concept\.pit\[0\]: must be a number from 0/,
    ],
    [
      'predictions as categories',
      { ...profile, prediction: { ...prediction, bins: { ...prediction.bins, kind: 'CATEGORICAL' } } },
      /prediction\.bins\.kind: must be "NUMERIC"/,
    ],
    [
      'uncounted predictions',
      { ...profile, prediction: { ...prediction, counts: { ...prediction.counts, nullCount: 7 } } },
      /prediction\.counts/,
    ],
    ['another number of labels', withRows({ labels: [1] }), /concept\.rows\.labels: has 1 rows, and pit has 300/],
    ['a label that is none', withRows({ labels: rows?.labels.map(() => 2) }), /labels\[0\]: must be 1; found 2/],
    ['bins of other features', withRows({ featureBins: [] }), /featureBins: is of 0 features, and the profile has 3/],
    [
      'a bin that is not there',
      withRows({ featureBins: [1, 2, 3].map(() => Buffer.alloc(300, 99).toString('base64')) }),
      /featureBins\[0\]: must be one byte for each of the 300 rows/,
    ],
    ['no concept', { ...profile, concept: undefined }, /concept: is missing/],
    ['another format', { formatVersion: 2 }, /format 2 is not known/],
  ])('with %s is refused at its place', (_case, json, message) => {
    expect(() => check(json)).toThrow(InvalidInput);
    expect(() => check(json)).toThrow(message);
  });
});
