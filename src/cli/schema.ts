import fs from 'node:fs';
import { printApiSchema } from '../server/build-schema';

/** `mooring schema`: the SDL, sorted. @param file null: to stdout */
export function printSchema(file: string | null): number {
  const sdl = printApiSchema();
  if (file === null) process.stdout.write(sdl);
  else fs.writeFileSync(file, sdl);
  return 0;
}
