import type { ModelSignature } from '../../../src/entities';
import { InvalidInput } from '../../../src/errors';
import { checkedMetrics, checkedParams } from '../../../src/services/training/declared-figures.policy';
import { checkedSignature, checkPipeline } from '../../../src/services/training/declared-signature.policy';

const X = { name: 'x', dtype: 'DOUBLE' } as const;
const PLAN = { name: 'plan', dtype: 'STRING' } as const;

describe('A declared signature', () => {
  it('is stored with its example in the spelling of its types', () => {
    const inputs: ModelSignature['inputs'] = [X, { name: 'n', dtype: 'INT64' }, PLAN];
    expect(checkedSignature({ inputs, inputExample: { x: 1.5, n: 3 } })).toEqual({
      inputs,
      inputExample: { x: 1.5, n: '3', plan: null },
    });
  });

  it.each<[string, ModelSignature, RegExp]>([
    [
      'an example with an unknown feature',
      { inputs: [X], inputExample: { y: 1 } },
      /inputExample.y: the signature has no such/,
    ],
    [
      'an example of another type',
      { inputs: [X], inputExample: { x: 'one' } },
      /inputExample.x: "one" is not a finite number/,
    ],
    ['no feature', { inputs: [] }, /takes at least one feature/],
    ['a feature without a name', { inputs: [{ ...X, name: '' }] }, /must not be empty/],
    ['a feature twice', { inputs: [X, X] }, /"x" is there twice/],
  ])('is refused with %s', (_what, signature, message) => {
    expect(() => checkedSignature(signature)).toThrow(message);
    expect(() => checkedSignature(signature)).toThrow(InvalidInput);
  });

  it('is refused when the preprocessing reads something else', () => {
    const numeric = (feature: string) =>
      ({ formatVersion: 1, features: [{ feature, kind: 'NUMERIC', steps: [] }] }) as const;
    expect(() => checkPipeline([X], numeric('x'), 1, 1)).not.toThrow();
    expect(() => checkPipeline([X], numeric('y'), 1, 1)).toThrow(/reads y, which the signature does not have/);
    expect(() => checkPipeline([PLAN], numeric('plan'), 1, 1)).toThrow(
      /plan is STRING, and the preprocessing takes it as NUMERIC/,
    );
    expect(() => checkPipeline([X], numeric('x'), 1, 4)).toThrow(/make 1 columns, and the model takes 4/);
  });
});

describe('Declared figures', () => {
  const metric = { name: 'auc', value: 0.8, split: 'held_out' };

  it('have one value for each name and split', () => {
    expect(checkedMetrics([metric, { ...metric, split: 'training', step: 3 }])).toEqual([
      { ...metric, step: null },
      { ...metric, split: 'training', step: 3 },
    ]);
    expect(() => checkedMetrics([metric, metric])).toThrow(/metrics.1.name: auc of held_out is there twice/);
    expect(checkedParams([{ name: 'c', value: '' }])).toEqual({ c: '' });
    expect(() => checkedParams([1, 2].map((value) => ({ name: 'c', value: String(value) })))).toThrow(
      /"c" is there twice/,
    );
  });

  it.each([Number.NaN, Infinity, -Infinity])('are not %d', (value) => {
    expect(() => checkedMetrics([{ ...metric, value }])).toThrow(/metrics.0.value: must be finite/);
  });

  it('have names, steps from 0 on, and no endless texts', () => {
    expect(() => checkedMetrics([{ ...metric, name: '' }])).toThrow(/must have 1 to 250 characters/);
    expect(() => checkedMetrics([{ ...metric, step: -1 }])).toThrow(/must not be negative/);
    expect(() => checkedParams([{ name: 'c', value: 'x'.repeat(6001) }])).toThrow(/6000 are the most/);
    expect(() => checkedMetrics(Array.from({ length: 10_001 }, () => metric))).toThrow(/10000 are the most/);
  });

  it('keep a parameter that is named like a property of every object', () => {
    expect(Object.entries(checkedParams([{ name: '__proto__', value: '1' }]))).toEqual([['__proto__', '1']]);
  });
});
