import { once } from 'node:events';
import fs from 'node:fs';
import type { Writable } from 'node:stream';
import { InvalidInput } from '../errors';

/**
 * Writes lines as they come, no faster than they are taken. A file is there with all of them or not at all: they go to one beside it, which takes
 * its name at the end.
 * @param file null: stdout
 * @returns how many
 * @throws InvalidInput when the file cannot be written
 */
export async function writeLines(file: string | null, lines: AsyncIterable<string>): Promise<number> {
  if (file === null) return pour(lines, process.stdout);
  const partial = `${file}.partial`;
  const output = fs.createWriteStream(partial);
  try {
    await opened(output, file);
    const count = await pour(lines, output);
    output.end();
    await once(output, 'finish');
    fs.renameSync(partial, file);
    return count;
  } catch (error) {
    output.destroy();
    fs.rmSync(partial, { force: true });
    throw error;
  }
}

async function opened(output: fs.WriteStream, file: string): Promise<void> {
  try {
    await once(output, 'open');
  } catch (error) {
    throw new InvalidInput('file', `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function pour(lines: AsyncIterable<string>, output: Writable): Promise<number> {
  let count = 0;
  for await (const line of lines) {
    count += 1;
    // Whoever read stdout may have seen enough (`mooring audit export | head`): then it never drains, and closes.
    if (!output.write(`${line}\n`)) await Promise.race([once(output, 'drain'), once(output, 'close')]);
    if (output.destroyed) break;
  }
  return count;
}
