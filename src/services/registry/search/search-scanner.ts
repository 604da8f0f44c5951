import { SearchInvalid } from '../../../errors';

export interface ScannedText {
  readonly text: string;
  /** Where it begins, from 0. */
  readonly start: number;
  readonly quoted: boolean;
}

/** The name before an operator: `auc`, `tag.team`, `metric."log loss"@training`. */
export interface ScannedName {
  /** As it is written, without the quotes. */
  readonly text: string;
  readonly start: number;
  /** Its prefix (`tag`, `model.tag`) where there is a key behind it. */
  readonly prefix: string | null;
  readonly key: string;
  /** What stands behind `@`. */
  readonly split: string | null;
}

const OPERATORS = ['!=', '<=', '>=', '<', '>', '=', ':', '~'] as const;
export type Operator = (typeof OPERATORS)[number];

const NAME = /[^\s()"',=:!~<>@]+/y;
const VALUE = /[^\s()"',]+/y;
const PREFIX = /^((?:model\.|version\.)?[a-z]+)\.(.*)$/is;
const EXPECTED_VALUE = ['a value'];

/** Reads a search from left to right, one piece at a time. What a piece is depends on where it stands: `:` parts a name from its value, and is part of a time. */
export class SearchScanner {
  private at = 0;

  constructor(readonly text: string) {}

  /** Where the next piece begins, from 0. */
  get position(): number {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
    return this.at;
  }

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** @returns whether the next piece was this character; then it is read */
  takes(character: '(' | ')' | ','): boolean {
    const found = this.text[this.position] === character;
    if (found) this.at++;
    return found;
  }

  /** The same for a word that stands alone, in whatever case. */
  takesWord(word: string): boolean {
    const end = this.position + word.length;
    const found =
      this.text.slice(this.at, end).toUpperCase() === word && /^(?:[\s()"']|$)/.test(this.text.slice(end, end + 1));
    if (found) this.at = end;
    return found;
  }

  operator(): Operator | null {
    const start = this.position;
    const found = OPERATORS.find((operator) => this.text.startsWith(operator, start)) ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  /** A text in quotes; null when none begins here. @throws SearchInvalid when it does not end */
  quoted(): ScannedText | null {
    const start = this.position;
    const quote = this.text[start];
    if (quote !== '"' && quote !== "'") return null;
    const [whole, inner] =
      new RegExp(`${quote}((?:\\\\.|[^${quote}\\\\])*)${quote}`, 'sy').exec(this.text.slice(start)) ?? [];
    if (whole === undefined)
      throw new SearchInvalid(this.text.length + 1, `the quotes that open at character ${start + 1} are not closed`, [
        quote,
      ]);
    this.at = start + whole.length;
    return { text: inner.replace(/\\(["'\\])/g, '$1'), start, quoted: true };
  }

  /** A name, or a bare word; null when none begins here. */
  name(): ScannedName | null {
    const start = this.position;
    const written = this.match(NAME);
    if (written === null) return null;
    const [, prefix = null, bareKey = written] = PREFIX.exec(written) ?? [];
    const isOpen = prefix !== null && bareKey === '';
    const key = (isOpen ? this.adjoining() : null) ?? bareKey;
    let split: string | null = null;
    if (this.text[this.at] === '@') {
      this.at++;
      split = this.adjoining() ?? this.match(NAME) ?? '';
    }
    return { text: this.text.slice(start, this.at), start, prefix, key, split };
  }

  /** @throws SearchInvalid when there is none, or it needs quotes */
  value(expected: readonly string[] = EXPECTED_VALUE): ScannedText {
    const start = this.position;
    const found = this.quoted() ?? this.bareValue(start);
    if (found === null)
      throw new SearchInvalid(start + 1, `${this.describeNext()} stands where a value should`, expected);
    if (!/^(?:[\s(),]|$)/.test(this.text.slice(this.at, this.at + 1)))
      throw new SearchInvalid(this.at + 1, 'something follows the value without a space', [
        'a space',
        '")"',
        'the end',
      ]);
    return found;
  }

  /** For messages. */
  describeNext(): string {
    return this.isAtEnd ? 'the end' : JSON.stringify(/^(?:[\w.-]+|.)/su.exec(this.text.slice(this.position))?.[0]);
  }

  private bareValue(start: number): ScannedText | null {
    const text = this.match(VALUE);
    if (text === null) return null;
    const special = /[=!<>~]/.exec(text);
    const quote = /^["']/.test(this.text.slice(this.at, this.at + 1));
    if (special || quote) {
      const place = special ? start + special.index : this.at;
      throw new SearchInvalid(
        place + 1,
        `an unquoted value cannot have the character ${JSON.stringify(this.text[place])}`,
        ['the whole value in quotes'],
      );
    }
    if (this.text[this.at] === ',' && !this.isInList)
      throw new SearchInvalid(this.at + 1, 'an unquoted value cannot have the character ","', [
        'the whole value in quotes',
        'IN (…) for several values',
      ]);
    return { text, start, quoted: false };
  }

  /** Between the parentheses of IN, where a comma parts values. */
  isInList = false;

  private adjoining(): string | null {
    return /^["']/.test(this.text.slice(this.at, this.at + 1)) ? (this.quoted()?.text ?? null) : null;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const [found = null] = pattern.exec(this.text) ?? [];
    if (found !== null) this.at += found.length;
    return found;
  }
}
