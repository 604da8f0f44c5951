import fs from 'node:fs';
import readline from 'node:readline';
import { InvalidInput } from '../errors';

/** A line of `audit head`; one of `audit export` has these fields, too. */
export interface HeadLine {
  readonly chain: string;
  readonly sequence: number;
  /** In hexadecimal. */
  readonly hash: string;
}

/**
 * Reads the heads that were kept in a file, by chain. Of several lines of a chain the furthest one counts: its hash holds all before it, so that an
 * export serves as well as its heads.
 * @throws InvalidInput for a file that cannot be read, has no lines, or has another one than those
 */
export async function readHeads(file: string): Promise<Map<string, HeadLine>> {
  const heads = new Map<string, HeadLine>();
  let number = 0;
  try {
    for await (const text of readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity })) {
      number += 1;
      if (text.trim() === '') continue;
      const line = parseLine(text);
      if (!line)
        throw new InvalidInput('against', `line ${number} of ${file} is not one that "mooring audit head" prints`);
      if (line.sequence > (heads.get(line.chain)?.sequence ?? 0)) heads.set(line.chain, line);
    }
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw new InvalidInput('against', `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (heads.size === 0)
    throw new InvalidInput('against', `${file} is empty; write it with "mooring audit head > ${file}"`);
  return heads;
}

function parseLine(text: string): HeadLine | null {
  try {
    const { chain, sequence, hash } = JSON.parse(text) as Partial<HeadLine>;
    const isHead =
      typeof chain === 'string' &&
      Number.isInteger(sequence) &&
      Number(sequence) >= 1 &&
      typeof hash === 'string' &&
      /^[0-9a-f]{64}$/.test(hash);
    return isHead ? { chain, sequence: Number(sequence), hash } : null;
  } catch {
    return null;
  }
}
