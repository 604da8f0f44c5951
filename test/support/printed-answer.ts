/** A value that a document prints and that is different in every run. */
interface Differing {
  readonly differs: string | number | boolean;
}

const SCALAR_FIELD = /"(\w+)": ("(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false)/g;
const REMARK = /^(.*?)\s*\/\/ (?:(\w+) )?differs$/;

/**
 * An answer as a document prints it: JSON, where a comment at the end of a line says what is different in every run: `// differs` all values of
 * the line, `// value differs` those of the field `value`.
 * @returns what to hold the real answer against with toEqual: the printed values, and for those that differ any of their type
 */
export function printedAnswer(jsonc: string): unknown {
  const lines = jsonc.split('\n').map((line) => {
    const [, json, only] = REMARK.exec(line) ?? [null, line, null];
    if (json === line) return line;
    return json.replace(SCALAR_FIELD, (pair, field: string, value: string) =>
      only === undefined || only === field ? `"${field}": { "differs": ${value} }` : pair,
    );
  });
  return expected(JSON.parse(lines.join('\n')));
}

function expected(printed: unknown): unknown {
  if (Array.isArray(printed)) return printed.map(expected);
  if (typeof printed !== 'object' || printed === null) return printed;
  if (isDiffering(printed)) return expect.any(printed.differs.constructor);
  return Object.fromEntries(Object.entries(printed).map(([name, value]) => [name, expected(value)]));
}

const isDiffering = (value: object): value is Differing => Object.keys(value).join() === 'differs';
