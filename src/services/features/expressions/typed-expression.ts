import type { Literal, Value, ValueType } from './expression';
import type { TypedScalar } from '../rows/feature-value';
import type { ExpressionSource } from './expression-source';

/** What an expression is evaluated over. */
export interface ExpressionRow {
  /** Values of the features that it reads, in their order. */
  readonly values: readonly Value[];
  /** Microseconds since 1970: when the features are asked for. Offline that is the row's event_timestamp. */
  readonly requestTimestamp: bigint;
}

export type Evaluate = (row: ExpressionRow) => Value;

/** A part of an expression whose type is known, ready to be evaluated. */
export interface TypedExpression {
  readonly at: number;
  readonly type: ValueType;
  readonly evaluate: Evaluate;
  /** The part as it is written, where it is a value. */
  readonly literal: Literal | null;
}

type NumberType = 'INT64' | 'DOUBLE';

const isNumeric = (type: ValueType): type is NumberType => type === 'INT64' || type === 'DOUBLE';

export const toTyped = (at: number, type: ValueType, evaluate: Evaluate): TypedExpression => {
  return { at, type, evaluate, literal: null };
};

/** Types for messages. */
const describeType = (type: ValueType): string => (type === 'NULL' ? 'null' : type);

/**
 * @param expected what the part has to be, null aside
 * @throws ExpressionInvalid when it is something else
 */
export function requireType(
  source: ExpressionSource,
  part: TypedExpression,
  accepted: readonly ValueType[],
  where: string,
): void {
  if (part.type === 'NULL' || accepted.includes(part.type)) return;
  source.fail(part.at, `${where} is ${describeType(part.type)}`, accepted.join(' or '));
}

/**
 * The one type that all parts can have: equal types, null beside any, and DOUBLE for INT64 beside DOUBLE.
 * @throws ExpressionInvalid when there is none
 */
export function commonType(source: ExpressionSource, parts: readonly TypedExpression[], where: string): ValueType {
  let common: ValueType = 'NULL';
  for (const part of parts) {
    if (part.type === common || part.type === 'NULL') continue;
    if (common === 'NULL') common = part.type;
    else if (isNumeric(common) && isNumeric(part.type)) common = 'DOUBLE';
    else source.fail(part.at, `${where} are ${describeType(common)} and ${describeType(part.type)}`, 'one type');
  }
  return common;
}

/** The part in a type that commonType() allows: INT64 becomes the nearest DOUBLE. */
export function convert(part: TypedExpression, type: ValueType): Evaluate {
  const { evaluate } = part;
  if (part.type !== 'INT64' || type !== 'DOUBLE') return evaluate;
  if (part.literal) {
    const value = Number(part.literal.value);
    return () => value;
  }
  return (row) => {
    const value = evaluate(row);
    return value === null ? null : Number(value);
  };
}

/** A function of one value that answers null for null. */
export function unary(evaluate: Evaluate, apply: (a: never) => Value): Evaluate {
  return (row) => {
    const value = evaluate(row);
    // The types of the parts were checked before.
    return value === null ? null : apply(value as never);
  };
}

/** A function of two values that answers null where either is null. */
export function strict<A extends TypedScalar>(
  first: Evaluate,
  second: Evaluate,
  apply: (a: A, b: A) => Value,
): Evaluate {
  return (row) => {
    const a = first(row);
    if (a === null) return null;
    const b = second(row);
    return b === null ? null : apply(a as A, b as A);
  };
}
