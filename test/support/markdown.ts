/** The little of Markdown that tests of the documents look at. */

export interface CodeBlock {
  /** What stands behind the opening fence: graphql, sh … */
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^```(\S*)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text }));
}

/** The text from a heading up to the next one of its level or above; empty where there is no such heading. */
export function section(markdown: string, heading: string): string {
  const lines = withoutCode(markdown).split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) return '';
  const level = lines[start].indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** The rows of the first table of a text, without its head. */
export function tableRows(markdown: string): string[][] {
  const table = /^\|.*\|\n\|[-| :]+\|\n((?:\|.*\|\n?)+)/m.exec(markdown)?.[1] ?? '';
  const cells = (line: string) => line.split('|').slice(1, -1);
  return table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => cells(line).map((cell) => cell.trim()));
}

/** Where the links lead, in order. */
export function linkTargets(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
}

/** The names by which links reach the headings, as GitHub makes them. */
export function headingAnchors(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What stands between single backticks. */
export function inlineCode(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
}

const withoutCode = (markdown: string): string => markdown.replace(/^```.*?^```$/gms, '');
