import type { ScalarDtype } from '../../../entities';
import type { TypedScalar } from '../rows/feature-value';

/** What an expression and its parts can be. NULL is the type of the word `null`, which fits all others. */
export type ValueType = ScalarDtype | 'NULL';

/** In memory, as everywhere: INT64 and TIMESTAMP (microseconds) are bigint. */
export type Value = TypedScalar | null;

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '=' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or';

export interface Literal {
  readonly kind: 'literal';
  /** Where it begins in the text, from 0. */
  readonly at: number;
  readonly type: ValueType;
  readonly value: Value;
}

/** An expression as it is written, before types are known. */
export type Expression =
  | Literal
  | { readonly kind: 'feature'; readonly at: number; readonly name: string }
  | { readonly kind: 'requestTimestamp'; readonly at: number }
  | { readonly kind: 'negate' | 'not' | 'isNull'; readonly at: number; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly at: number;
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'in'; readonly at: number; readonly operand: Expression; readonly options: readonly Literal[] }
  | {
      readonly kind: 'case';
      readonly at: number;
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise: Expression;
    }
  | { readonly kind: 'call'; readonly at: number; readonly name: string; readonly args: readonly Expression[] };
