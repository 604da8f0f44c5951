import type { TypedScalar } from '../rows/feature-value';
import { COMPARISONS, finite, int64, roundHalfAway, roundTo } from './exact-numbers';
import type { Value, ValueType } from './expression';
import type { ExpressionSource } from './expression-source';
import {
  commonType,
  convert,
  type Evaluate,
  requireType,
  strict,
  toTyped,
  type TypedExpression,
  unary,
} from './typed-expression';

interface Call {
  readonly at: number;
  readonly name: string;
  readonly args: readonly TypedExpression[];
}

interface FunctionDefinition {
  /** How it is written, for messages. */
  readonly usage: string;
  readonly minimumArgs: number;
  readonly maximumArgs: number;
  compile(source: ExpressionSource, call: Call): TypedExpression;
}

const MAX_ROUND_PLACES = 15;
const NUMBERS = ['INT64', 'DOUBLE'] as const;

/** Of a number in its own type. */
const sameNumber = (
  name: string,
  ofInt64: (value: bigint) => bigint | null,
  ofDouble: (value: number) => number,
): FunctionDefinition => ({
  usage: `${name}(number)`,
  minimumArgs: 1,
  maximumArgs: 1,
  compile(source, { at, args: [arg] }) {
    requireType(source, arg, NUMBERS, `what ${name} is taken of`);
    return arg.type === 'INT64'
      ? toTyped(at, 'INT64', unary(arg.evaluate, ofInt64))
      : toTyped(
          at,
          arg.type,
          unary(arg.evaluate, (value: number) => finite(ofDouble(value))),
        );
  },
});

/** Of a number as a DOUBLE; null where the function has no finite value. */
const real = (name: string, apply: (value: number) => number): FunctionDefinition => ({
  usage: `${name}(number)`,
  minimumArgs: 1,
  maximumArgs: 1,
  compile(source, { at, args: [arg] }) {
    requireType(source, arg, NUMBERS, `what ${name} is taken of`);
    return toTyped(
      at,
      'DOUBLE',
      unary(convert(arg, 'DOUBLE'), (value: number) => finite(apply(value))),
    );
  },
});

const ofText = (name: string, type: 'STRING' | 'INT64', apply: (text: string) => Value): FunctionDefinition => ({
  usage: `${name}(text)`,
  minimumArgs: 1,
  maximumArgs: 1,
  compile(source, { at, args: [arg] }) {
    requireType(source, arg, ['STRING'], `what ${name} is taken of`);
    return toTyped(at, type, unary(arg.evaluate, apply));
  },
});

/** The time from the first to the second, negative when that is earlier. */
const between = (name: string, microsPerUnit: number): FunctionDefinition => ({
  usage: `${name}(from, to)`,
  minimumArgs: 2,
  maximumArgs: 2,
  compile(source, { at, args: [from, to] }) {
    for (const arg of [from, to]) requireType(source, arg, ['TIMESTAMP'], `an argument of ${name}`);
    return toTyped(
      at,
      'DOUBLE',
      strict(from.evaluate, to.evaluate, (a: bigint, b: bigint) => finite(Number(b - a) / microsPerUnit)),
    );
  },
});

/** The least or greatest of those that are not null. */
const extreme = (name: string, wins: (a: TypedScalar, b: TypedScalar) => boolean): FunctionDefinition => ({
  usage: `${name}(first, second, …)`,
  minimumArgs: 1,
  maximumArgs: Infinity,
  compile(source, { at, args }) {
    for (const arg of args) requireType(source, arg, [...NUMBERS, 'TIMESTAMP'], `an argument of ${name}`);
    const [type, parts] = unified(source, name, args);
    return toTyped(at, type, (row) => {
      let best: Value = null;
      for (const part of parts) {
        const value = part(row);
        if (value !== null && (best === null || wins(value, best))) best = value;
      }
      return best;
    });
  },
});

function unified(source: ExpressionSource, name: string, args: readonly TypedExpression[]): [ValueType, Evaluate[]] {
  const type = commonType(source, args, `the arguments of ${name}`);
  return [type, args.map((arg) => convert(arg, type))];
}

const ROUND_WHOLE = sameNumber('round', (value) => value, roundHalfAway);

/** All functions by name. `if` is none: it is read as a case. */
const FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  abs: sameNumber('abs', (value) => int64(value < 0n ? -value : value), Math.abs),
  floor: sameNumber('floor', (value) => value, Math.floor),
  ceil: sameNumber('ceil', (value) => value, Math.ceil),
  round: {
    usage: 'round(number) or round(number, places)',
    minimumArgs: 1,
    maximumArgs: 2,
    compile(source, call) {
      const { at, args } = call;
      if (args.length === 1) return ROUND_WHOLE.compile(source, call);
      const [arg, places] = args;
      requireType(source, arg, ['DOUBLE'], 'what is rounded to places');
      const value = places.literal?.value;
      if (typeof value !== 'bigint' || value < 0n || value > MAX_ROUND_PLACES)
        source.fail(places.at, 'this is no number of places', `a whole number from 0 to ${MAX_ROUND_PLACES}`);
      const count = Number(value);
      return toTyped(
        at,
        'DOUBLE',
        unary(arg.evaluate, (number: number) => finite(roundTo(number, count))),
      );
    },
  },
  ln: real('ln', Math.log),
  log1p: real('log1p', Math.log1p),
  exp: real('exp', Math.exp),
  sqrt: real('sqrt', Math.sqrt),
  least: extreme('least', COMPARISONS['<']),
  greatest: extreme('greatest', COMPARISONS['>']),
  coalesce: {
    usage: 'coalesce(first, second, …)',
    minimumArgs: 1,
    maximumArgs: Infinity,
    compile(source, { at, args }) {
      const [type, parts] = unified(source, 'coalesce', args);
      return toTyped(at, type, (row) => {
        for (const part of parts) {
          const value = part(row);
          if (value !== null) return value;
        }
        return null;
      });
    },
  },
  lower: ofText('lower', 'STRING', (text) => text.toLowerCase()),
  upper: ofText('upper', 'STRING', (text) => text.toUpperCase()),
  length: ofText('length', 'INT64', (text) => BigInt(Array.from(text).length)),
  concat: {
    usage: 'concat(first, second, …)',
    minimumArgs: 1,
    maximumArgs: Infinity,
    compile(source, { at, args }) {
      for (const arg of args) requireType(source, arg, ['STRING'], 'an argument of concat');
      const parts = args.map(({ evaluate }) => evaluate);
      // A join takes null for nothing.
      return toTyped(at, 'STRING', (row) => parts.map((part) => part(row)).join(''));
    },
  },
  seconds_between: between('seconds_between', 1e6),
  days_between: between('days_between', 86_400e6),
  bucket: {
    usage: 'bucket(number, bound, …)',
    minimumArgs: 2,
    maximumArgs: Infinity,
    compile(source, { at, args: [arg, ...bounds] }) {
      requireType(source, arg, NUMBERS, 'what bucket is taken of');
      const values = bounds.map((bound, index) => boundOf(source, bound, bounds[index - 1]));
      const labels = [...values, null].map((bound, index) => bucketLabel(values[index - 1] ?? null, bound));
      return toTyped(
        at,
        'STRING',
        unary(arg.evaluate, (value: bigint | number) => {
          const next = values.findIndex((bound) => value < bound);
          return labels[next < 0 ? values.length : next];
        }),
      );
    },
  },
};

function boundOf(
  source: ExpressionSource,
  bound: TypedExpression,
  former: TypedExpression | undefined,
): bigint | number {
  const value = bound.literal?.value;
  if (typeof value !== 'bigint' && typeof value !== 'number')
    return source.fail(bound.at, 'a bound of bucket is no written number', 'a number such as 10');
  if (former?.literal && !COMPARISONS['<'](former.literal.value as bigint | number, value))
    source.fail(bound.at, 'the bounds of bucket do not rise', `a number greater than ${String(former.literal.value)}`);
  return value;
}

/** As intervals are written: `< 0`, `[0, 10)`, `>= 10`. */
function bucketLabel(from: bigint | number | null, to: bigint | number | null): string {
  if (from === null) return `< ${to}`;
  return to === null ? `>= ${from}` : `[${from}, ${to})`;
}

/** @throws ExpressionInvalid when there is no such function, or its arguments do not fit */
export function callFunction(source: ExpressionSource, call: Call): TypedExpression {
  const { at, name, args } = call;
  if (!Object.hasOwn(FUNCTIONS, name))
    return source.fail(at, `there is no function ${name}`, `one of ${Object.keys(FUNCTIONS).join(', ')}, if`);
  const definition = FUNCTIONS[name];
  const { usage, minimumArgs, maximumArgs } = definition;
  if (args.length < minimumArgs || args.length > maximumArgs)
    return source.fail(at, `${name} has ${args.length} argument${args.length === 1 ? '' : 's'}`, usage);
  return definition.compile(source, call);
}
