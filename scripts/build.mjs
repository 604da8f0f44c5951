/**
 * Incremental build: compiles the TypeScript of SOURCES with SWC into `dist/`, keeping the tree, and copies the assets that lie beside it.
 * An output carries the modification time of its source, so "up to date" is two equal times: nothing else has to be remembered, and a build
 * that was killed, or ran beside another one, leaves at worst a file that the next build makes again.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = ['src', 'migrations', 'examples', 'bench'];
const ASSETS = ['.graphql', '.json', '.html', '.sql'];
const SETTINGS = path.join('dist', '.settings');
/** SWC works on threads of its own; more files at once than this only holds more text in memory. */
const FILES_AT_ONCE = os.availableParallelism() * 4;
/** A temporary file this old was left by a build that died. */
const LEFTOVER_AFTER_MS = 60_000;

/**
 * Brings `dist/` up to date with the sources; says so on stderr if that took any work.
 * @param {string} root the checkout
 * @returns {Promise<{ built: string[], removed: string[] }>} paths of the sources built and of the outputs removed, relative to the root
 * @throws {BuildError} when a source does not compile (after the others were built), or when `dist/` has to change and cannot be written
 */
export async function build(root) {
  const started = performance.now();
  const settings = buildSettings(root);
  const { stale, removed, sameSettings } = whatChanged(root, settings);
  const failures = [];
  if (stale.length > 0 || removed.length > 0) {
    try {
      for (const file of removed) fs.rmSync(path.join(root, file), { force: true });
      await compileAll(root, stale, failures);
    } catch (error) {
      throw isNotWritable(error)
        ? new BuildError(
            `dist/ is out of date and cannot be written (${error.code} ${path.relative(root, path.dirname(error.path))}). Run "npm run build" as the user who owns it.`,
          )
        : error;
    }
  }
  if (failures.length > 0) throw new BuildError(failures.join('\n'));
  if (!sameSettings) writeAtomically(path.join(root, SETTINGS), settings);
  const result = { built: stale.map(([file]) => file), removed };
  report(result, performance.now() - started);
  return result;
}

/** @returns {boolean} whether a build would have nothing to do */
export function isBuilt(root) {
  const { stale, removed, sameSettings } = whatChanged(root, buildSettings(root));
  return stale.length === 0 && removed.length === 0 && sameSettings;
}

function whatChanged(root, settings) {
  const outputs = new Map(walk(root, 'dist'));
  const sameSettings = readIfThere(path.join(root, SETTINGS)) === settings;
  const sources = SOURCES.flatMap((folder) => walk(root, folder)).filter(([file]) => isSource(file));
  return {
    sameSettings,
    stale: sources.filter(([file, mtimeMs]) => !sameSettings || outputs.get(outputOf(file)) !== mtimeMs),
    removed: [...outputs].filter(([file, mtimeMs]) => isOrphan(root, file, mtimeMs)).map(([file]) => file),
  };
}

/** Its message is all that a user needs to see. */
export class BuildError extends Error {}

/**
 * Everything below a folder with its modification time in whole milliseconds (times that are set are rounded by some file systems).
 * @returns {[string, number][]} paths relative to the root
 */
function walk(root, folder) {
  const found = [];
  for (const entry of readFolder(path.join(root, folder))) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...walk(root, file));
    else if (entry.isFile()) {
      const stat = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
      if (stat) found.push([file, Math.round(stat.mtimeMs)]);
    }
  }
  return found;
}

function readFolder(folder) {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // Missing from the start, or removed by a build beside this one.
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

const isTypeScript = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts');
const isSource = (file) => isTypeScript(file) || ASSETS.includes(path.extname(file));
const outputOf = (source) => path.join('dist', isTypeScript(source) ? source.replace(/\.ts$/, '.js') : source);

/** Looks at the disk, not at the list of sources: a source made after that list was read must keep its output. */
function isOrphan(root, output, mtimeMs) {
  if (output === SETTINGS) return false;
  if (output.endsWith('.tmp')) return Date.now() - mtimeMs > LEFTOVER_AFTER_MS;
  const file = path.relative('dist', output);
  const source = file.replace(/\.js(\.map)?$/, '.ts');
  return !(SOURCES.includes(file.split(path.sep)[0]) && isSource(source) && fs.existsSync(path.join(root, source)));
}

/** What shapes the output besides the source itself; another value rebuilds everything. */
function buildSettings(root) {
  const { version } = createRequire(import.meta.url)('@swc/core/package.json');
  return `@swc/core ${version}\n${fs.readFileSync(path.join(root, '.swcrc'), 'utf8')}`;
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

async function compileAll(root, stale, failures) {
  // Loaded only here: SWC's native library takes longer to load than a build with nothing to do.
  const swc = stale.length > 0 ? (await import('@swc/core')).default : null;
  const queue = [...stale];
  const worker = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [file, mtimeMs] = next;
      if (isTypeScript(file)) await compile(swc, root, file, mtimeMs, failures);
      else writeAtomically(path.join(root, outputOf(file)), fs.readFileSync(path.join(root, file)), mtimeMs);
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, worker));
}

async function compile(swc, root, file, mtimeMs, failures) {
  const source = path.join(root, file);
  const output = path.join(root, outputOf(file));
  let result;
  try {
    result = await swc.transform(await fs.promises.readFile(source, 'utf8'), {
      filename: source,
      configFile: path.join(root, '.swcrc'),
      sourceFileName: path.relative(path.dirname(output), source),
      // The sources lie where the map points; a second copy of them would only be parsed again at every start.
      inlineSourcesContent: false,
    });
  } catch (error) {
    // SWC appends a stack of its own native frames.
    const [problem] = (error instanceof Error ? error.message : String(error)).split('\n\nCaused by');
    failures.push(`${file}: ${problem.trim()}`);
    return;
  }
  // The map first: the time on the .js file is what says that both are there.
  writeAtomically(`${output}.map`, result.map, mtimeMs);
  writeAtomically(output, `${result.code}\n//# sourceMappingURL=${path.basename(output)}.map\n`, mtimeMs);
}

/** Another process sees the old file or the new one, never a part. */
function writeAtomically(file, content, mtimeMs) {
  const temporary = `${file}.${randomUUID()}.tmp`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(temporary, content);
  if (mtimeMs !== undefined) fs.utimesSync(temporary, mtimeMs / 1000, mtimeMs / 1000);
  fs.renameSync(temporary, file);
}

const isNotWritable = (error) => ['EACCES', 'EPERM', 'EROFS'].includes(error?.code);

function report({ built, removed }, ms) {
  if (built.length + removed.length === 0) return;
  const parts = [`${built.length} built`, ...(removed.length > 0 ? [`${removed.length} removed`] : [])];
  process.stderr.write(`build: ${parts.join(', ')} in ${(ms / 1000).toFixed(1)} s\n`);
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  build(path.resolve(process.argv[2] ?? path.dirname(import.meta.dirname))).catch((error) => {
    process.stderr.write(`${error instanceof BuildError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  });
}
