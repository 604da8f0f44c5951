import fs from 'node:fs';
import path from 'node:path';
import { VARIABLES } from '../../../src/config';
import { codeBlocks, headingAnchors, inlineCode, linkTargets, section, tableRows } from '../../support/markdown';

const ROOT = path.resolve(__dirname, '../../..');
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');
const exists = (file: string): boolean => fs.existsSync(path.join(ROOT, file));
const ADRS = fs
  .readdirSync(path.join(ROOT, 'docs/adr'))
  .sort()
  .map((file) => `docs/adr/${file}`);
const PAGES = [
  'docs/evaluation-report.md',
  'docs/expressions.md',
  'docs/glossary.md',
  'docs/operations-metrics.md',
  'docs/performance.md',
  'docs/reference-profile.md',
  'docs/search.md',
];
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...PAGES, ...ADRS];

const bare = (cell: string): string => cell.replaceAll('`', '');

/** What is wrong with a link. Addresses on the web are not asked. */
function deadEnd(document: string, target: string): string[] {
  if (/^[a-z]+:/.test(target)) return [];
  const [file, anchor] = target.split('#');
  const linked = path.join(path.dirname(document), file === '' ? path.basename(document) : file);
  if (!exists(linked)) return [`there is no ${linked}`];
  if (anchor !== undefined && !headingAnchors(read(linked)).includes(anchor))
    return [`${linked} has no heading #${anchor}`];
  return [];
}

describe('the README', () => {
  it('has the table of the configuration that the code has', () => {
    const documented = tableRows(section(read('README.md'), 'Configuration')).map((cells) => cells.map(bare));
    const actual = Object.values(VARIABLES).map(({ name, fallback, description }) => [name, fallback, description]);
    expect(documented).toEqual(actual);
  });

  it('shows a layout of files and folders that are there', () => {
    const layout = codeBlocks(read('README.md')).find(({ text }) => text.startsWith('src/main.ts'));
    const paths = layout?.text.split('\n').flatMap((line) => /^\S+/.exec(line)?.[0] ?? []) ?? [];
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((file) => !exists(file))).toEqual([]);
  });

  it('names no operation or field that the schema lacks', () => {
    const schema = read('schema.graphql');
    const names = inlineCode(read('README.md')).filter((code) => /^[a-z]+(?:[A-Z][a-z]+)+$/.test(code));
    expect(names).toContain('materializeFeatures');
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(schema))).toEqual([]);
  });
});

describe('the documents', () => {
  /** What is wrong, with the document that it stands in. */
  const problems = (problemsOf: (text: string, document: string) => readonly string[]): string[] =>
    DOCUMENTS.flatMap((document) => problemsOf(read(document), document).map((problem) => `${document}: ${problem}`));

  it('have links that lead somewhere', () => {
    expect(linkTargets(read('README.md'))).toContain('CONTRIBUTING.md');
    expect(problems((text, document) => linkTargets(text).flatMap((target) => deadEnd(document, target)))).toEqual([]);
  });

  it('name npm scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = (text: string) => [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script);
    expect(named(read('CONTRIBUTING.md'))).toContain('check');
    expect(problems((text) => named(text).filter((script) => !(script in scripts)))).toEqual([]);
  });

  it('name files that there are', () => {
    const named = (text: string) =>
      inlineCode(text).filter((code) => /^(?:src|test|docs|examples|bench|scripts|migrations)\/[\w./-]*$/.test(code));
    expect(named(read('CONTRIBUTING.md'))).toContain('bench/harness.ts');
    expect(problems((text) => named(text).filter((file) => !/NNNN/.test(file) && !exists(file)))).toEqual([]);
  });
});

describe('the decisions', () => {
  it('are numbered without a gap, by their names and in their titles', () => {
    const numbers = ADRS.map((file) => Number(/\/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]));
    expect(numbers).toEqual(ADRS.map((_, index) => index + 1));
    const titles = ADRS.map((file) => Number(/^# (\d+)\. /.exec(read(file))?.[1]));
    expect(titles).toEqual(numbers);
  });
});
