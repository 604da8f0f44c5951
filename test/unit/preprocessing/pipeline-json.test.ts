import fc from 'fast-check';
import { InvalidInput } from '../../../src/errors';
import { fitPipeline, parsePipeline, serializePipeline } from '../../../src/services/preprocessing';
import { allRows, arbitraryTable } from './arbitrary-table';

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const withFeature = (feature: unknown) => bytesOf({ formatVersion: 1, features: [feature] });
const numericWith = (...steps: unknown[]) => withFeature({ feature: 'tenure', kind: 'NUMERIC', steps });
const oneHot = { step: 'ONE_HOT', levels: ['a'], hasOther: false };
const categoricalWith = (...steps: unknown[]) => withFeature({ feature: 'city', kind: 'CATEGORICAL', steps });

describe('A pipeline as JSON', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(arbitraryTable, fc.boolean(), fc.boolean(), (table, impute, scale) => {
        fc.pre(table.columns.some(({ kind, values }) => kind === 'NUMERIC' || values.some((value) => value !== null)));
        const pipeline = fitPipeline(table, allRows(table), { impute, scale });
        const bytes = serializePipeline(pipeline);
        // JSON has no −0, which is equal to 0 in every computation here.
        expect(serializePipeline(parsePipeline(bytes))).toEqual(bytes);
        expect(parsePipeline(bytes)).toEqual(JSON.parse(JSON.stringify(pipeline)));
      }),
    );
  });

  it('leaves out what it does not know', () => {
    const bytes = bytesOf({
      formatVersion: 1,
      note: 'x',
      features: [{ feature: 'a', kind: 'NUMERIC', steps: [], unit: 'kg' }],
    });
    expect(parsePipeline(bytes)).toEqual({
      formatVersion: 1,
      features: [{ feature: 'a', kind: 'NUMERIC', steps: [] }],
    });
  });

  it.each([
    ['no JSON', new TextEncoder().encode('{"formatVersion":'), 'pipeline: must be JSON in UTF-8'],
    ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'pipeline: must be JSON in UTF-8'],
    ['a list', bytesOf([]), 'pipeline: must be an object'],
    ['another format version', bytesOf({ formatVersion: 2 }), 'pipeline.formatVersion: must be 1, found 2'],
    ['no format version', bytesOf({}), 'pipeline.formatVersion: must be 1, found nothing'],
    ['no features', bytesOf({ formatVersion: 1 }), 'pipeline.features: must be a list'],
    ['an empty list of features', bytesOf({ formatVersion: 1, features: [] }), 'must give at least one output column'],
    ['a feature without name', withFeature({ kind: 'NUMERIC', steps: [] }), 'pipeline.features.0.feature: must be the'],
    [
      'an unknown kind',
      withFeature({ feature: 'a', kind: 'TEXT', steps: [] }),
      '0.kind: must be NUMERIC or CATEGORICAL, found "TEXT"',
    ],
    ['an unknown step', numericWith({ step: 'LOG' }), 'steps.0.step: must be IMPUTE_MEDIAN or STANDARDISE'],
    [
      'a median that is null',
      numericWith({ step: 'IMPUTE_MEDIAN', median: null }),
      'steps.0.median: must be a finite number',
    ],
    [
      'a deviation of 0',
      numericWith({ step: 'STANDARDISE', mean: 0, standardDeviation: 0 }),
      'must be above 0, found 0',
    ],
    [
      'steps in the wrong order',
      numericWith({ step: 'STANDARDISE', mean: 0, standardDeviation: 1 }, { step: 'IMPUTE_MEDIAN', median: 1 }),
      'may be IMPUTE_MEDIAN, then STANDARDISE, each at most once',
    ],
    ['two one-hot steps', categoricalWith(oneHot, oneHot), 'must be exactly one ONE_HOT step, found 2 steps'],
    [
      'another step for categories',
      categoricalWith({ ...oneHot, step: 'HASH' }),
      'must be ONE_HOT for a CATEGORICAL feature',
    ],
    ['a level that is no text', categoricalWith({ ...oneHot, levels: ['a', 1] }), 'steps.0.levels.1: must be a string'],
    ['a level twice', categoricalWith({ ...oneHot, levels: ['a', 'a'] }), 'steps.0.levels: "a" is there twice'],
    ['no word on other', categoricalWith({ ...oneHot, hasOther: 1 }), 'steps.0.hasOther: must be true or false'],
  ])('is refused with %s', (_, bytes, message) => {
    expect(() => parsePipeline(bytes)).toThrow(InvalidInput);
    expect(() => parsePipeline(bytes)).toThrow(message);
  });

  it('is refused with a feature twice', () => {
    const feature = { feature: 'tenure', kind: 'NUMERIC', steps: [] };
    expect(() => parsePipeline(bytesOf({ formatVersion: 1, features: [feature, feature] }))).toThrow(
      '"tenure" is there twice',
    );
  });
});
