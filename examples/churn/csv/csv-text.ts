import { open } from 'node:fs/promises';
import { CsvProblem } from './csv-problem';

/** The file is read whole before a row is sent, so that nothing is half loaded; this much text takes about 1.5 GB as columns. */
const LARGEST_BYTES = 256 * 1024 * 1024;

/**
 * The text of a CSV file, without its byte-order mark, and its bytes for the digest.
 * @throws CsvProblem for a file that is missing, a directory, empty, too large, binary, or not UTF-8
 */
export async function readCsvText(file: string): Promise<{ text: string; bytes: Buffer }> {
  const bytes = await readBytes(file);
  if (bytes.length === 0) throw new CsvProblem(file, {}, 'the file is empty', 'Give a CSV file with a header line');
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff])) {
    throw new CsvProblem(file, {}, 'the file is in UTF-16', 'Save it as UTF-8 ("CSV UTF-8" in Excel)');
  }
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) {
    throw new CsvProblem(
      file,
      {},
      'this is a zip archive or a spreadsheet, not a CSV file',
      'Unpack it, or save the sheet as "CSV UTF-8"',
    );
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    throw new CsvProblem(
      file,
      { line: lineAt(bytes, zero) },
      'the file holds a zero byte, so it is binary',
      'Give a text file with a header line',
    );
  }
  try {
    // TextDecoder takes the byte-order mark away.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), bytes };
  } catch {
    const line = lineAt(bytes, firstInvalidByte(bytes));
    throw new CsvProblem(
      file,
      { line },
      'the text is not UTF-8',
      'Save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8',
    );
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    const handle = await open(file, 'r');
    try {
      const stat = await handle.stat();
      if (stat.isDirectory())
        throw new CsvProblem(file, {}, 'this is a directory, not a file', 'Name the CSV file in it');
      if (stat.size > LARGEST_BYTES) {
        const megabytes = Math.round(stat.size / 1024 / 1024);
        throw new CsvProblem(
          file,
          {},
          `the file has ${megabytes} MB, and the example takes 256`,
          'Give a sample of its rows',
        );
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof CsvProblem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new CsvProblem(file, {}, `there is no file ${file}`, 'Check the path given with --csv');
    if (code === 'EISDIR') throw new CsvProblem(file, {}, 'this is a directory, not a file', 'Name the CSV file in it');
    if (code === 'EACCES')
      throw new CsvProblem(file, {}, 'the file may not be read by this user', 'Check its permissions');
    throw new CsvProblem(
      file,
      {},
      `the file cannot be read (${code ?? String(error)})`,
      'Check the path given with --csv',
    );
  }
}

const startsWith = (bytes: Buffer, head: readonly number[]): boolean => head.every((byte, i) => bytes[i] === byte);

/** Line (from 1) of the byte at this offset. */
function lineAt(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let i = bytes.indexOf(0x0a); i >= 0 && i < offset; i = bytes.indexOf(0x0a, i + 1)) line++;
  return line;
}

/** Offset at which decoding stops being possible: by halving, for TextDecoder does not say. */
function firstInvalidByte(bytes: Buffer): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (decodes(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

/** Whether a head of the file decodes; `stream` forgives a character cut off at its end. */
function decodes(head: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
