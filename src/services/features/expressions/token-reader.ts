import { scanExpression, type Token } from './expression-scanner';
import type { ExpressionSource } from './expression-source';

const MAX_DEPTH = 32;
/** Bounds the work of one row, and how deep the evaluation nests. */
const MAX_NODES = 500;

/** Reads the tokens of an expression one by one, and keeps it within its limits. */
export class TokenReader {
  private readonly tokens: readonly Token[];
  private index = 0;
  private depth = 0;
  private nodes = 0;

  /** @throws ExpressionInvalid */
  constructor(readonly source: ExpressionSource) {
    this.tokens = scanExpression(source);
  }

  get next(): Token {
    return this.tokens[this.index];
  }

  get following(): Token {
    return this.tokens[Math.min(this.index + 1, this.tokens.length - 1)];
  }

  /** Reads the next token, which counts as a part of the expression. */
  read(): Token {
    const token = this.next;
    if (++this.nodes > MAX_NODES)
      this.source.fail(token.at, `the expression is longer than ${MAX_NODES} names, values and signs`, 'a shorter one');
    if (token.kind !== 'end') this.index++;
    return token;
  }

  isSymbol(symbol: string): boolean {
    return this.next.kind === 'symbol' && this.next.text === symbol;
  }

  isWord(word: string): boolean {
    return this.next.kind === 'name' && this.next.text.toLowerCase() === word;
  }

  /** @returns whether the next token was this symbol; then it is read */
  takes(symbol: string): boolean {
    const found = this.isSymbol(symbol);
    if (found) this.read();
    return found;
  }

  /** The same for a word of the language, in whatever case. */
  takesWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.read();
    return found;
  }

  /** @throws ExpressionInvalid when something else comes */
  expect(symbol: string): void {
    if (!this.takes(symbol)) this.refuse(JSON.stringify(symbol));
  }

  /** @throws ExpressionInvalid when something else comes */
  expectWord(word: string): void {
    if (!this.takesWord(word)) this.refuse(word);
  }

  /** @throws ExpressionInvalid: the next token cannot stand where it does */
  refuse(expected: string): never {
    const { kind, text, at } = this.next;
    return this.source.fail(at, kind === 'end' ? 'the end comes too early' : `${show(kind, text)} comes`, expected);
  }

  /** Reads something nested. @throws ExpressionInvalid when it is nested too deep */
  nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH)
      this.source.fail(this.next.at, `the expression nests deeper than ${MAX_DEPTH} levels`, 'fewer levels');
    const result = read();
    this.depth--;
    return result;
  }
}

const show = (kind: Token['kind'], text: string): string => (kind === 'text' ? `'${text}'` : JSON.stringify(text));
