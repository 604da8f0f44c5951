import { isProblem, parseValue } from '../rows/feature-value';
import { parseTimestamp } from '../rows/timestamp-text';
import type { BinaryOperator, Expression, Literal } from './expression';
import type { ExpressionSource } from './expression-source';
import { TokenReader } from './token-reader';

const MAX_LENGTH = 2000;
const WORDS = ['and', 'or', 'not', 'is', 'in', 'case', 'when', 'then', 'else', 'end', 'null', 'true', 'false'];
const OPERAND = 'a feature, a value, a function or "("';
const REQUEST_TIMESTAMP = 'request_timestamp';

/** How tightly operators bind. */
const NOT = 3;
const COMPARISON = 4;
const SUM = 5;
const PRODUCT = 6;
const NEGATION = 7;
const BINDING: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  '=': COMPARISON,
  '!=': COMPARISON,
  '<': COMPARISON,
  '<=': COMPARISON,
  '>': COMPARISON,
  '>=': COMPARISON,
  '+': SUM,
  '-': SUM,
  '*': PRODUCT,
  '/': PRODUCT,
  '%': PRODUCT,
};

/**
 * Reads an expression; docs/expressions.md has the language.
 * @throws ExpressionInvalid with the position of what cannot be read, and what was expected there
 */
export function parseExpression(source: ExpressionSource): Expression {
  const { length } = source.text;
  if (length > MAX_LENGTH)
    source.fail(MAX_LENGTH, `the expression has ${length} characters`, `at most ${MAX_LENGTH} characters`);
  const reader = new TokenReader(source);
  const expression = readBinding(reader, 0);
  if (reader.next.kind !== 'end') reader.refuse('an operator or the end');
  return expression;
}

/** Precedence climbing: all that binds at least as tightly as `least`. */
function readBinding(reader: TokenReader, least: number): Expression {
  let left = reader.nested(() => readPrefix(reader));
  let compared = false;
  for (;;) {
    const { at } = reader.next;
    const operator = operatorNext(reader);
    if (operator === null || bindingOf(operator) < least) return left;
    const comparison = bindingOf(operator) === COMPARISON;
    if (comparison && compared) reader.refuse('"and" or "or": comparisons do not follow one another');
    compared = comparison;
    if (operator === 'is' || operator === 'in' || operator === 'not') left = readTest(reader, left, at);
    else {
      reader.read();
      // What follows binds more tightly, so that equals group from the left.
      left = { kind: 'binary', at, operator, left, right: readBinding(reader, BINDING[operator] + 1) };
    }
  }
}

type Infix = BinaryOperator | 'is' | 'in' | 'not';

const bindingOf = (operator: Infix): number =>
  operator === 'is' || operator === 'in' || operator === 'not' ? COMPARISON : BINDING[operator];

function operatorNext({ next }: TokenReader): Infix | null {
  const text = next.text === '<>' ? '!=' : next.text.toLowerCase();
  if (next.kind === 'symbol') return Object.hasOwn(BINDING, text) ? (text as BinaryOperator) : null;
  return next.kind === 'name' && ['and', 'or', 'is', 'in', 'not'].includes(text) ? (text as Infix) : null;
}

/** `is null`, `in (…)`, and either with `not`. */
function readTest(reader: TokenReader, operand: Expression, at: number): Expression {
  let negated = false;
  let test: Expression;
  if (reader.takesWord('is')) {
    negated = reader.takesWord('not');
    if (!reader.takesWord('null')) reader.refuse(negated ? 'null' : 'null or not null');
    test = { kind: 'isNull', at, operand };
  } else {
    negated = reader.takesWord('not');
    reader.expectWord('in');
    test = { kind: 'in', at, operand, options: readOptions(reader) };
  }
  return negated ? { kind: 'not', at, operand: test } : test;
}

function readOptions(reader: TokenReader): Literal[] {
  reader.expect('(');
  const options: Literal[] = [];
  do {
    const option = readBinding(reader, SUM);
    if (option.kind !== 'literal' || option.value === null)
      return reader.source.fail(option.at, 'the list has something other than values', 'a value that is written out');
    options.push(option);
  } while (reader.takes(','));
  reader.expect(')');
  return options;
}

function readPrefix(reader: TokenReader): Expression {
  const { at } = reader.next;
  if (reader.takesWord('not')) return { kind: 'not', at, operand: readBinding(reader, NOT) };
  if (!reader.takes('-')) return readOperand(reader);
  // With its sign at once: the least INT64 has no positive counterpart.
  if (reader.next.kind === 'number') return readNumber(reader, at, '-');
  return { kind: 'negate', at, operand: readBinding(reader, NEGATION) };
}

function readOperand(reader: TokenReader): Expression {
  const { kind, text, at } = reader.next;
  if (kind === 'number') return readNumber(reader, at, '');
  if (kind === 'text') {
    reader.read();
    return { kind: 'literal', at, type: 'STRING', value: text };
  }
  if (kind === 'quoted') {
    reader.read();
    return { kind: 'feature', at, name: text };
  }
  if (reader.takes('(')) {
    const inner = readBinding(reader, 0);
    reader.expect(')');
    return inner;
  }
  return kind === 'name' ? readWord(reader) : reader.refuse(OPERAND);
}

function readNumber(reader: TokenReader, at: number, sign: '' | '-'): Expression {
  const { text } = reader.read();
  const isWhole = /^\d+$/.test(text);
  const value = isWhole ? parseValue('INT64', sign + text.replace(/^0+(?=\d)/, '')) : Number(sign + text) + 0;
  if (isProblem(value) || value === Infinity || value === -Infinity)
    return reader.source.fail(at, `${sign}${text} is out of range`, 'a number that INT64 or DOUBLE can hold');
  return { kind: 'literal', at, type: isWhole ? 'INT64' : 'DOUBLE', value };
}

function readWord(reader: TokenReader): Expression {
  const { text, at } = reader.next;
  const word = text.toLowerCase();
  if (word === 'case') return readCase(reader);
  if (reader.takesWord('null')) return { kind: 'literal', at, type: 'NULL', value: null };
  if (reader.takesWord('true')) return { kind: 'literal', at, type: 'BOOL', value: true };
  if (reader.takesWord('false')) return { kind: 'literal', at, type: 'BOOL', value: false };
  if (WORDS.includes(word)) reader.refuse(`${OPERAND}; a feature of this name is written in double quotes`);
  if (reader.following.kind === 'symbol' && reader.following.text === '(') return readCall(reader);
  if (word === 'timestamp' && reader.following.kind === 'text') return readTimestamp(reader);
  reader.read();
  return word === REQUEST_TIMESTAMP ? { kind: 'requestTimestamp', at } : { kind: 'feature', at, name: text };
}

function readTimestamp(reader: TokenReader): Expression {
  const { at } = reader.read();
  const { text, at: textAt } = reader.read();
  const value = parseTimestamp(text);
  if (value === null)
    reader.source.fail(textAt, `'${text}' is no timestamp`, "ISO 8601, such as '2026-11-03T10:15:30Z'");
  return { kind: 'literal', at, type: 'TIMESTAMP', value };
}

function readCall(reader: TokenReader): Expression {
  const { text, at } = reader.read();
  const name = text.toLowerCase();
  reader.expect('(');
  const args: Expression[] = [];
  if (!reader.isSymbol(')')) {
    do args.push(readBinding(reader, 0));
    while (reader.takes(','));
  }
  if (!reader.takes(')')) reader.refuse('"," or ")"');
  if (name !== 'if') return { kind: 'call', at, name, args };
  if (args.length !== 3) reader.source.fail(at, `if has ${args.length} arguments`, 'if(condition, value, otherwise)');
  return { kind: 'case', at, branches: [{ when: args[0], then: args[1] }], otherwise: args[2] };
}

/** `case when … then … else … end`; without else it is null where no condition holds. */
function readCase(reader: TokenReader): Expression {
  const { at } = reader.read();
  const branches: { when: Expression; then: Expression }[] = [];
  do {
    reader.expectWord('when');
    const when = readBinding(reader, 0);
    reader.expectWord('then');
    branches.push({ when, then: readBinding(reader, 0) });
  } while (reader.isWord('when'));
  const nothing: Literal = { kind: 'literal', at, type: 'NULL', value: null };
  const otherwise = reader.takesWord('else') ? readBinding(reader, 0) : nothing;
  reader.expectWord('end');
  return { kind: 'case', at, branches, otherwise };
}
