import type { Dtype, ScalarDtype } from '../../../entities';
import { isListDtype } from '../rows/feature-value';
import { COMPARISONS, DOUBLE_ARITHMETIC, INT64_ARITHMETIC, int64 } from './exact-numbers';
import type { BinaryOperator, Expression, Value } from './expression';
import { callFunction } from './expression-functions';
import { ExpressionSource } from './expression-source';
import { parseExpression } from './parse-expression';
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

/** An expression whose types fit. It never throws, and never answers NaN or an infinity. */
export interface CompiledExpression {
  readonly dtype: ScalarDtype;
  /** Names of the features that it reads, in the order in which they appear. */
  readonly inputs: readonly string[];
  readonly evaluate: Evaluate;
}

/** The types of what an expression may read; a Map, or what finds them when they are asked for. */
export interface FeatureTypes {
  get(name: string): Dtype | undefined;
  keys(): Iterable<string>;
}

const ORDERED = ['INT64', 'DOUBLE', 'TIMESTAMP'] as const;

/**
 * Reads an expression, checks its types, and makes a function of it: the only way in which expressions are evaluated, for datasets and online alike.
 * @param dtypes of the features that there are, by name
 * @param field path of the expression in the request
 * @throws ExpressionInvalid
 */
export function compileExpression(
  text: string,
  dtypes: FeatureTypes,
  field: readonly string[] = ['expression'],
): CompiledExpression {
  const source = new ExpressionSource(text, field);
  const compiler = new Compiler(source, dtypes);
  const { type, evaluate } = compiler.compile(parseExpression(source));
  if (type === 'NULL')
    return source.fail(0, 'the expression is always null', 'one that has a type, such as coalesce(usage, 0)');
  return { dtype: type, inputs: compiler.inputs, evaluate };
}

/** Types and functions of the parts of one expression, from the leaves up. */
class Compiler {
  readonly inputs: string[] = [];

  constructor(
    private readonly source: ExpressionSource,
    private readonly dtypes: FeatureTypes,
  ) {}

  compile(expression: Expression): TypedExpression {
    const { at } = expression;
    switch (expression.kind) {
      case 'literal': {
        const { type, value } = expression;
        return { at, type, evaluate: () => value, literal: expression };
      }
      case 'feature':
        return this.feature(at, expression.name);
      case 'requestTimestamp':
        return toTyped(at, 'TIMESTAMP', (row) => row.requestTimestamp);
      case 'negate':
        return this.negate(at, this.compile(expression.operand));
      case 'not':
        return this.not(at, this.compile(expression.operand));
      case 'isNull': {
        const { evaluate } = this.compile(expression.operand);
        return toTyped(at, 'BOOL', (row) => evaluate(row) === null);
      }
      case 'binary':
        return this.binary(at, expression.operator, this.compile(expression.left), this.compile(expression.right));
      case 'in':
        return this.isIn(at, expression);
      case 'case':
        return this.choice(at, expression);
      case 'call':
        return callFunction(this.source, {
          at,
          name: expression.name,
          args: expression.args.map((arg) => this.compile(arg)),
        });
    }
  }

  private feature(at: number, name: string): TypedExpression {
    const dtype = this.dtypes.get(name);
    if (dtype === undefined) {
      const names = [...this.dtypes.keys()].join(', ');
      return this.source.fail(at, `the service has no feature ${JSON.stringify(name)}`, `one of ${names}`);
    }
    if (isListDtype(dtype)) return this.source.fail(at, `${name} is ${dtype}`, 'a feature that is a single value');
    let place = this.inputs.indexOf(name);
    if (place < 0) place = this.inputs.push(name) - 1;
    return toTyped(at, dtype, (row) => row.values[place]);
  }

  private negate(at: number, operand: TypedExpression): TypedExpression {
    requireType(this.source, operand, ['INT64', 'DOUBLE'], 'what "-" stands before');
    return operand.type === 'INT64'
      ? toTyped(
          at,
          'INT64',
          unary(operand.evaluate, (value: bigint) => int64(-value)),
        )
      : toTyped(
          at,
          operand.type,
          unary(operand.evaluate, (value: number) => 0 - value),
        );
  }

  private not(at: number, operand: TypedExpression): TypedExpression {
    requireType(this.source, operand, ['BOOL'], 'what not stands before');
    return toTyped(
      at,
      'BOOL',
      unary(operand.evaluate, (value: boolean) => !value),
    );
  }

  private binary(at: number, operator: BinaryOperator, left: TypedExpression, right: TypedExpression): TypedExpression {
    if (operator === 'and' || operator === 'or') return this.logic(at, operator, left, right);
    if (operator in COMPARISONS) return this.comparison(at, operator as keyof typeof COMPARISONS, left, right);
    return this.arithmetic(at, operator as keyof typeof DOUBLE_ARITHMETIC, left, right);
  }

  private arithmetic(
    at: number,
    operator: keyof typeof DOUBLE_ARITHMETIC,
    left: TypedExpression,
    right: TypedExpression,
  ): TypedExpression {
    for (const side of [left, right])
      requireType(this.source, side, ['INT64', 'DOUBLE'], `one side of ${JSON.stringify(operator)}`);
    if (operator !== '/' && left.type !== 'DOUBLE' && right.type !== 'DOUBLE')
      return toTyped(at, 'INT64', strict(left.evaluate, right.evaluate, INT64_ARITHMETIC[operator]));
    const [a, b] = [convert(left, 'DOUBLE'), convert(right, 'DOUBLE')];
    return toTyped(at, 'DOUBLE', strict(a, b, DOUBLE_ARITHMETIC[operator]));
  }

  private comparison(
    at: number,
    operator: keyof typeof COMPARISONS,
    left: TypedExpression,
    right: TypedExpression,
  ): TypedExpression {
    const where = `the sides of ${JSON.stringify(operator)}`;
    commonType(this.source, [left, right], where);
    if (operator !== '=' && operator !== '!=')
      for (const side of [left, right])
        requireType(this.source, side, ORDERED, `one side of ${JSON.stringify(operator)}`);
    return toTyped(at, 'BOOL', strict(left.evaluate, right.evaluate, COMPARISONS[operator]));
  }

  /** As in SQL: false decides an and, true an or, whatever the other side is; else null makes it null. */
  private logic(at: number, operator: 'and' | 'or', left: TypedExpression, right: TypedExpression): TypedExpression {
    for (const side of [left, right]) requireType(this.source, side, ['BOOL'], `one side of ${operator}`);
    const decisive = operator === 'or';
    const [a, b] = [left.evaluate, right.evaluate];
    return toTyped(at, 'BOOL', (row) => {
      const first = a(row);
      if (first === decisive) return decisive;
      const second = b(row);
      if (second === decisive) return decisive;
      return first === null || second === null ? null : !decisive;
    });
  }

  private isIn(at: number, expression: Extract<Expression, { kind: 'in' }>): TypedExpression {
    const operand = this.compile(expression.operand);
    const options = expression.options.map((option) => this.compile(option));
    for (const option of options) commonType(this.source, [operand, option], 'the value and the list');
    const { '=': equals } = COMPARISONS;
    const values = expression.options.map(({ value }) => value as Exclude<Value, null>);
    return toTyped(
      at,
      'BOOL',
      unary(operand.evaluate, (value: Exclude<Value, null>) => values.some((option) => equals(value, option))),
    );
  }

  private choice(at: number, { branches, otherwise }: Extract<Expression, { kind: 'case' }>): TypedExpression {
    const conditions = branches.map(({ when }) => this.compile(when));
    for (const condition of conditions) requireType(this.source, condition, ['BOOL'], 'the condition');
    const results = [...branches.map(({ then }) => then), otherwise].map((result) => this.compile(result));
    const type = commonType(this.source, results, 'the results');
    const tests = conditions.map(({ evaluate }) => evaluate);
    const answers = results.map((result) => convert(result, type));
    return toTyped(at, type, (row) => {
      const chosen = tests.findIndex((test) => test(row) === true);
      return answers[chosen < 0 ? tests.length : chosen](row);
    });
  }
}
