/** A column of a CSV file after its type was inferred; null stands for a blank. */
export interface TypedColumn {
  readonly dtype: 'INT64' | 'DOUBLE' | 'BOOL' | 'STRING';
  readonly values: readonly (string | number | boolean | null)[];
}

/** Besides the empty field, what exports write for "nothing": pandas, R, SQL. */
const NULL_WORDS = new Set(['', 'na', 'n/a', 'nan', 'null', '#n/a']);
const WHOLE = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DECIMAL_COMMA = /^[+-]?\d+(,\d+)?$/;
/** 00501 is a postal code, not 501. */
const LEADING_ZERO = /^[+-]?0\d/;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

const isBlank = (text: string): boolean => text.length <= 4 && NULL_WORDS.has(text.toLowerCase());

/**
 * The narrowest type that holds every value: INT64, DOUBLE, BOOL (True/False), else STRING. Blanks are nulls and decide nothing; a column of
 * blanks only is null. INT64 beyond 2^53 stays text, as the API takes it.
 * @param decimalComma whether 29,85 may be a number: true for files that are not delimited by commas
 */
export function inferColumn(texts: readonly string[], decimalComma: boolean): TypedColumn | null {
  const present = texts.filter((text) => !isBlank(text));
  if (present.length === 0) return null;
  const convert = (dtype: TypedColumn['dtype'], value: (text: string) => string | number | boolean): TypedColumn => ({
    dtype,
    values: texts.map((text) => (isBlank(text) ? null : value(text))),
  });

  if (present.every((text) => /^(true|false)$/i.test(text)))
    return convert('BOOL', (text) => text.toLowerCase() === 'true');
  if (present.some((text) => LEADING_ZERO.test(text))) return convert('STRING', (text) => text);
  if (present.every((text) => WHOLE.test(text))) {
    return present.every(fitsInt64) ? convert('INT64', int64Value) : convert('STRING', (text) => text);
  }
  if (present.every((text) => DECIMAL.test(text) && Number.isFinite(Number(text)))) return convert('DOUBLE', Number);
  if (decimalComma && present.every((text) => DECIMAL_COMMA.test(text)) && !present.every(looksLikeThousands)) {
    return convert('DOUBLE', (text) => Number(text.replace(',', '.')));
  }
  return convert('STRING', (text) => text);
}

/**
 * Where a column of numbers holds something that is none: the row of the first such value, or null. Nearly all (95 %) of at least ten different
 * values must be numbers, or it is a category such as 0, 1, 2, 3+.
 */
export function oddValueAmongNumbers(texts: readonly string[], decimalComma: boolean): number | null {
  const isNumber = (text: string): boolean =>
    (DECIMAL.test(text) && Number.isFinite(Number(text))) || (decimalComma && DECIMAL_COMMA.test(text));
  const numbers = new Set<string>();
  let numberCount = 0;
  let presentCount = 0;
  let firstOdd: number | null = null;
  for (const [row, text] of texts.entries()) {
    if (isBlank(text)) continue;
    presentCount++;
    if (isNumber(text)) {
      numberCount++;
      numbers.add(text);
    } else {
      firstOdd ??= row;
    }
  }
  return numbers.size >= 10 && numberCount >= 0.95 * presentCount ? firstOdd : null;
}

const fitsInt64 = (text: string): boolean => {
  if (text.length <= 16) return true;
  const value = BigInt(text.replace('+', ''));
  return value >= INT64_MIN && value <= INT64_MAX;
};

const int64Value = (text: string): string | number => {
  const value = Number(text);
  // Adding 0 turns −0 into 0, which JSON could not tell apart anyway.
  return Number.isSafeInteger(value) ? value + 0 : String(BigInt(text.replace('+', '')));
};

/** 1,234 may be a thousand: where every value could be, nobody can tell, and it stays text. */
const looksLikeThousands = (text: string): boolean => !text.includes(',') || /^[+-]?\d{1,3},\d{3}$/.test(text);
