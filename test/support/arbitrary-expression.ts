import fc from 'fast-check';
import type { ScalarDtype } from '../../src/entities';

/** Dtypes by name of the features that expressions are made of. */
export type ExpressionFeatures = Readonly<Record<string, ScalarDtype>>;

export interface WrittenExpression {
  readonly text: string;
  readonly dtype: ScalarDtype;
}

const TYPES = ['INT64', 'DOUBLE', 'BOOL', 'STRING', 'TIMESTAMP'] as const;
type Type = (typeof TYPES)[number];

/** Well-typed expressions of every type over these features, up to a few levels deep. */
export function arbitraryExpression(features: ExpressionFeatures): fc.Arbitrary<WrittenExpression> {
  const { tree } = fc.letrec<Record<Type, string> & { tree: WrittenExpression }>((tie) => {
    const of = (type: Type): fc.Arbitrary<string> => tie(type);
    const call = (name: string, ...args: fc.Arbitrary<string>[]) =>
      fc.tuple(...args).map((texts) => `${name}(${texts.join(', ')})`);
    const infix = (left: Type, operators: readonly string[], right: Type) =>
      fc.tuple(of(left), fc.constantFrom(...operators), of(right)).map(([a, operator, b]) => `(${a} ${operator} ${b})`);
    const common = (type: Type) => [
      call('coalesce', of(type), of(type)),
      call('if', of('BOOL'), of(type), of(type)),
      fc.tuple(of('BOOL'), of(type)).map(([when, then]) => `case when ${when} then ${then} end`),
    ];
    const leaf = (type: Type, values: fc.Arbitrary<string>) => {
      const names = Object.keys(features).filter((name) => features[name] === type);
      return names.length > 0 ? fc.oneof(fc.constantFrom(...names), values) : values;
    };
    const node = (type: Type, values: fc.Arbitrary<string>, inner: readonly fc.Arbitrary<string>[]) =>
      fc.oneof({ maxDepth: 4, depthIdentifier: 'expression' }, leaf(type, values), ...common(type), ...inner);
    const arithmetic = ['+', '-', '*', '%'];
    const order = ['=', '!=', '<', '<=', '>', '>='];
    return {
      INT64: node('INT64', fc.integer({ min: -9, max: 99 }).map(String), [
        infix('INT64', arithmetic, 'INT64'),
        call('abs', of('INT64')),
        call('length', of('STRING')),
        call('greatest', of('INT64'), of('INT64')),
        of('INT64').map((operand) => `(-${operand})`),
      ]),
      DOUBLE: node('DOUBLE', fc.constantFrom('0.0', '1.5', '-2.25', '1e300', '1e-7'), [
        infix('DOUBLE', [...arithmetic, '/'], 'DOUBLE'),
        infix('INT64', ['/'], 'INT64'),
        infix('INT64', arithmetic, 'DOUBLE'),
        ...['ln', 'log1p', 'exp', 'sqrt', 'round', 'floor', 'ceil', 'abs'].map((name) => call(name, of('DOUBLE'))),
        call('round', of('DOUBLE'), fc.nat(15).map(String)),
        call('least', of('DOUBLE'), of('INT64')),
        call('days_between', of('TIMESTAMP'), of('TIMESTAMP')),
        call('seconds_between', of('TIMESTAMP'), of('TIMESTAMP')),
      ]),
      BOOL: node('BOOL', fc.constantFrom('true', 'false'), [
        infix('INT64', order, 'DOUBLE'),
        infix('TIMESTAMP', order, 'TIMESTAMP'),
        infix('STRING', ['=', '!='], 'STRING'),
        infix('BOOL', ['and', 'or', '='], 'BOOL'),
        of('BOOL').map((operand) => `(not ${operand})`),
        fc.constantFrom(...TYPES).chain((type) => of(type).map((operand) => `(${operand} is null)`)),
        of('INT64').map((operand) => `(${operand} in (1, -2, 3.5))`),
        of('STRING').map((operand) => `(${operand} not in ('a', 'it''s'))`),
      ]),
      STRING: node('STRING', fc.constantFrom("'a'", "'it''s'", "''", "'ü👍'"), [
        call('lower', of('STRING')),
        call('upper', of('STRING')),
        call('concat', of('STRING'), of('STRING')),
        call('bucket', of('DOUBLE'), fc.constant('-1, 0, 2.5, 100')),
      ]),
      TIMESTAMP: node('TIMESTAMP', fc.constantFrom('request_timestamp', "timestamp '2026-01-01T00:00:00.000001Z'"), [
        call('greatest', of('TIMESTAMP'), of('TIMESTAMP')),
      ]),
      tree: fc.constantFrom(...TYPES).chain((dtype) => of(dtype).map((text) => ({ text, dtype }))),
    };
  });
  return tree;
}

/** Values of a type as clients send them, with the ends of its range; null now and then. Not -0, which JSON does not keep. */
export function arbitraryFeatureValue(dtype: ScalarDtype): fc.Arbitrary<string | number | boolean | null> {
  switch (dtype) {
    case 'INT64':
      return fc.option(
        fc.oneof(fc.integer({ min: -3, max: 9 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map(String),
        { freq: 4 },
      );
    case 'DOUBLE':
      return fc.option(
        fc
          .oneof(fc.integer({ min: -3, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
          .map((value) => value + 0),
        {
          freq: 4,
        },
      );
    case 'BOOL':
      return fc.option(fc.boolean(), { freq: 4 });
    case 'STRING':
      return fc.option(fc.constantFrom('', 'a', "it's", 'İß', 'ü👍'), { freq: 4 });
    case 'TIMESTAMP':
      return fc.option(fc.constantFrom('1969-12-31T23:59:59.999999Z', '2026-02-28T12:00:00Z', '2030-01-01T00:00:00Z'), {
        freq: 4,
      });
  }
}
