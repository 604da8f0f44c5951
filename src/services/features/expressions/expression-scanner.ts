import type { ExpressionSource } from './expression-source';

/** A piece of an expression. `quoted` is a name in double quotes, which is never a word of the language. */
export interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'quoted' | 'symbol' | 'end';
  /** As it is written; what is between the quotes of texts and quoted names. */
  readonly text: string;
  /** Where it begins, from 0. */
  readonly at: number;
}

/** What no store takes: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const SPACE = /\s*/y;
const PIECES: readonly (readonly [Token['kind'], RegExp])[] = [
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy],
  ['name', /[a-z_][a-z0-9_]*/iy],
  ['symbol', /<=|>=|!=|<>|[-+*/%(),=<>]/y],
  ['text', /'(?:[^']|'')*'/y],
  ['quoted', /"(?:[^"]|"")*"/y],
];

/** Cuts an expression into its pieces; the last one is the end. @throws ExpressionInvalid */
export function scanExpression(source: ExpressionSource): Token[] {
  const unstorable = source.text.search(UNSTORABLE);
  if (unstorable >= 0) source.fail(unstorable, 'there is a NUL or half a surrogate pair', 'Unicode text');
  const tokens: Token[] = [];
  let at = skipSpace(source.text, 0);
  while (at < source.text.length) {
    const [token, end] = readToken(source, at);
    tokens.push(token);
    at = skipSpace(source.text, end);
  }
  return [...tokens, { kind: 'end', text: '', at: source.text.length }];
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.test(text);
  return SPACE.lastIndex;
}

function readToken(source: ExpressionSource, at: number): [Token, number] {
  for (const [kind, pattern] of PIECES) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(source.text) ?? [];
    if (found === undefined) continue;
    const end = at + found.length;
    if (kind === 'number' && /[\w.]/.test(source.text[end] ?? ''))
      source.fail(at, `${JSON.stringify(found + source.text[end])} is neither a number nor a name`, 'a number');
    return [{ kind, text: isQuoted(kind) ? unquoted(found) : found, at }, end];
  }
  const character = String.fromCodePoint(source.text.codePointAt(at) ?? 0);
  if (character === "'" || character === '"')
    source.fail(source.text.length, `the quotes that open at character ${at + 1} are not closed`, character);
  return source.fail(
    at,
    `the character ${JSON.stringify(character)} has no meaning here`,
    'a feature, a value, an operator or a function',
  );
}

const isQuoted = (kind: Token['kind']): boolean => kind === 'text' || kind === 'quoted';

/** A quote within quotes is written twice. */
const unquoted = (text: string): string => text.slice(1, -1).replaceAll(text[0].repeat(2), text[0]);
