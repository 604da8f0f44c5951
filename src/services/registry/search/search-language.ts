import { InvalidInput, SearchInvalid } from '../../../errors';
import { readComparison, readCondition } from './search-condition';
import { type Field, FIELD_NAMES, modelField, versionField } from './search-fields';
import type { ModelFilter, ModelVersionFilter } from './search-filter';
import { type ScannedName, SearchScanner } from './search-scanner';

const LONGEST_SEARCH = 1000;
const EXPECTED_CONDITION = ['a condition', 'a word', '"("'];

/** How the parts of a search become a filter. */
interface Grammar<Part> {
  field(name: ScannedName): Field<Part> | null;
  words(text: string): Part;
  and(parts: Part[]): Part;
  or(parts: Part[]): Part;
  not(part: Part): Part;
}

const VERSIONS: Grammar<ModelVersionFilter> = {
  field: versionField,
  words: (text) => ({ text }),
  and: (and) => ({ and }),
  or: (or) => ({ or }),
  not: (not) => ({ not }),
};

/** What is said of a model, or of one of its versions: all that is said of versions in one AND is said of the same one. */
type ModelPart = { readonly model: ModelFilter } | { readonly version: ModelVersionFilter };

const isOfVersion = (part: ModelPart): part is { readonly version: ModelVersionFilter } => 'version' in part;
const ofModel = (part: ModelPart): ModelFilter => (isOfVersion(part) ? { hasVersion: part.version } : part.model);

const MODELS: Grammar<ModelPart> = {
  field: (name) =>
    mapField(modelField(name), (model) => ({ model })) ?? mapField(versionField(name), (version) => ({ version })),
  words: (text) => ({ model: { text } }),
  and(parts) {
    const versions = parts.filter(isOfVersion).map(({ version }) => version);
    if (versions.length === parts.length) return { version: { and: versions } };
    const models = parts.filter((part) => !isOfVersion(part)).map(ofModel);
    if (versions.length === 0) return { model: { and: models } };
    return { model: { and: [...models, { hasVersion: versions.length === 1 ? versions[0] : { and: versions } }] } };
  },
  or: (parts) =>
    parts.every(isOfVersion)
      ? { version: { or: parts.map(({ version }) => version) } }
      : { model: { or: parts.map(ofModel) } },
  // There is no such version; not: there is another one.
  not: (part) => ({ model: { not: ofModel(part) } }),
};

function mapField<From, To>(field: Field<From> | null, map: (filter: From) => To): Field<To> | null {
  if (field === null) return null;
  // The kinds differ in what `filter` takes, which is none of this function's business.
  const filter = field.filter as (match: unknown) => From;
  return { ...field, filter: (match: unknown) => map(filter(match)) };
}

/**
 * The filter that a search such as `stage:production tag.team=growth auc>0.84 name~churn` stands for; docs/search.md has the language.
 * @throws SearchInvalid with the position of what cannot be read, and what was expected there
 */
export const parseVersionSearch = (search: string): ModelVersionFilter => parse(search, VERSIONS) ?? {};

/** The same for models. What only versions have is said of one of the model's versions. */
export function parseModelSearch(search: string): ModelFilter {
  const part = parse(search, MODELS);
  return part === null ? {} : ofModel(part);
}

function parse<Part>(search: string, grammar: Grammar<Part>): Part | null {
  if (search.length > LONGEST_SEARCH)
    throw new InvalidInput(
      'search',
      `it has ${search.length} characters; at most ${LONGEST_SEARCH} are read. Use the argument filter for more`,
    );
  const scanner = new SearchScanner(search);
  if (scanner.isAtEnd) return null;
  const part = readOr(scanner, grammar);
  if (scanner.isAtEnd) return part;
  const expected = [...EXPECTED_CONDITION, 'the end'];
  const at = scanner.position + 1;
  if (scanner.takes(')')) throw new SearchInvalid(at, 'there is no "(" that this ")" closes', expected);
  throw new SearchInvalid(at, `${scanner.describeNext()} stands alone`, expected);
}

function readOr<Part>(scanner: SearchScanner, grammar: Grammar<Part>): Part {
  const parts = [readAnd(scanner, grammar)];
  while (scanner.takesWord('OR')) parts.push(readAnd(scanner, grammar));
  return parts.length === 1 ? parts[0] : grammar.or(parts);
}

function readAnd<Part>(scanner: SearchScanner, grammar: Grammar<Part>): Part {
  const parts: Part[] = [];
  do parts.push(readOne(scanner, grammar));
  while (scanner.takesWord('AND') || isConditionNext(scanner));
  return parts.length === 1 ? parts[0] : grammar.and(parts);
}

const isConditionNext = (scanner: SearchScanner): boolean =>
  /^(?!or(?:[\s()"']|$))[^),=:!~<>@]/i.test(scanner.text.slice(scanner.position));

function readOne<Part>(scanner: SearchScanner, grammar: Grammar<Part>): Part {
  if (scanner.takesWord('NOT')) return grammar.not(readOne(scanner, grammar));
  const start = scanner.position;
  if (scanner.takes('(')) {
    const inner = readOr(scanner, grammar);
    const end = scanner.position + 1;
    if (scanner.takes(')')) return inner;
    throw new SearchInvalid(end, `the "(" at character ${start + 1} is not closed`, ['")"']);
  }
  const quoted = scanner.quoted();
  if (quoted) return grammar.words(quoted.text);
  const isKeyword = scanner.takesWord('AND') || scanner.takesWord('OR');
  const name = isKeyword ? null : scanner.name();
  if (name === null) {
    const found = isKeyword
      ? JSON.stringify(scanner.text.slice(start, scanner.position).trim())
      : scanner.describeNext();
    throw new SearchInvalid(start + 1, `${found} stands where a condition should`, EXPECTED_CONDITION);
  }
  const comparison = readComparison(scanner);
  if (comparison === null) return grammar.words(name.text);
  const field = grammar.field(name);
  if (field === null) throw new SearchInvalid(start + 1, `there is no field ${JSON.stringify(name.text)}`, FIELD_NAMES);
  return readCondition(scanner, name.text, field, comparison);
}
