import path from 'node:path';

/**
 * The compiled file of a worker-thread module. Threads start from plain JavaScript, so when the caller itself runs from source (Jest), the
 * path is mapped into `dist`, which `npm test` builds first.
 * @param directory the caller's __dirname
 * @param name the module's file name without extension, for example 'train.worker'
 */
export function workerFile(directory: string, name: string): string {
  const root = path.resolve(__dirname, '..');
  const compiled = path.basename(root) === 'dist' ? directory : path.join(root, 'dist', path.relative(root, directory));
  return path.join(compiled, `${name}.js`);
}
