import fc from 'fast-check';
import { ExpressionInvalid } from '../../../../src/errors';
import { compileExpression } from '../../../../src/services/features/expressions/compile-expression';
import type { Value } from '../../../../src/services/features/expressions/expression';
import { isProblem, parseValue } from '../../../../src/services/features/rows/feature-value';
import { arbitraryExpression, arbitraryFeatureValue } from '../../../support/arbitrary-expression';

const FEATURES = { i: 'INT64', j: 'INT64', d: 'DOUBLE', b: 'BOOL', s: 'STRING', t: 'TIMESTAMP' } as const;
const DTYPES = new Map(Object.entries(FEATURES));

const row = fc.record(
  Object.fromEntries(Object.entries(FEATURES).map(([name, dtype]) => [name, arbitraryFeatureValue(dtype)])),
);

const fits: Readonly<Record<string, (value: Value) => boolean>> = {
  INT64: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  DOUBLE: (value) => Number.isFinite(value) && !Object.is(value, -0),
  BOOL: (value) => typeof value === 'boolean',
  STRING: (value) => typeof value === 'string',
  TIMESTAMP: (value) => typeof value === 'bigint',
};

function typed(name: keyof typeof FEATURES, value: string | number | boolean | null): Value {
  const parsed = value === null ? null : parseValue(FEATURES[name], value);
  if (parsed !== null && isProblem(parsed)) throw new Error(parsed.expected);
  return Object.is(parsed, -0) ? 0 : parsed;
}

it('a well-typed expression has the type that it was written for, and on every row a value of that type or null', () => {
  fc.assert(
    fc.property(
      arbitraryExpression(FEATURES),
      fc.array(row, { minLength: 1, maxLength: 5 }),
      ({ text, dtype }, rows) => {
        const { dtype: found, inputs, evaluate } = compileExpression(text, DTYPES);
        expect(found).toBe(dtype);
        for (const values of rows) {
          const value = evaluate({
            values: inputs.map((name) => typed(name as keyof typeof FEATURES, values[name])),
            requestTimestamp: 1_770_000_000_000_000n,
          });
          expect(value === null || fits[dtype](value)).toBe(true);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

/** Where an expression is refused; null when it is read. */
function refusedAt(text: string): number | null {
  try {
    compileExpression(text, DTYPES);
    return null;
  } catch (error) {
    if (error instanceof ExpressionInvalid) return error.details.position as number;
    throw error;
  }
}

it('whatever is sent is read, or refused with a place within it', () => {
  const piece = fc.constantFrom(
    ...[
      'i',
      'd',
      's',
      't',
      'b',
      '1',
      '.5',
      "'x",
      "'y'",
      '"b"',
      '(',
      ')',
      ',',
      '+',
      '-',
      '/',
      '<',
      '=',
      '!',
      'and',
      'not',
    ],
    ...['is', 'null', 'in', 'case', 'when', 'then', 'end', 'if(', 'coalesce(', 'bucket(', 'timestamp', '\n', '€'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join(' ');
      const position = refusedAt(text);
      expect(position === null || (position >= 1 && position <= text.length + 1)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
