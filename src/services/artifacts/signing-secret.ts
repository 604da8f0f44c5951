import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const FILE = 'signing-secret';

/** The secret that signs addresses: made once, and readable by its owner alone. */
export function keptSigningSecret(directory: string): string {
  const file = path.join(directory, FILE);
  const secret = randomBytes(32).toString('base64url');
  try {
    // wx: of two servers that start at once, one makes it and the other reads it.
    fs.writeFileSync(file, `${secret}\n`, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return fs.readFileSync(file, 'utf8').trim();
  }
}
