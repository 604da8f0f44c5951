import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, formatCase, runBench } from './harness';

const HELP = `npm run bench -- NAME [--small] [--json FILE]

Measures one thing and its bare baseline alternately in one run, and prints medians, ranges and the ratio:
1 is the baseline, higher is better, for times and rates alike. Without a name it lists the benches.

  --small       a tenth of the rows, where a bench has sizes: to see whether it runs
  --json FILE   also write name, machine and cases as JSON
  --help        this text
`;

/** `bench/<name>.ts` is the bench of that name if it exports one; the other modules are parts of benches. */
async function loadBench(name: string): Promise<Bench | null> {
  const file = path.join(__dirname, `${name}.js`);
  if (file === __filename || path.dirname(file) !== __dirname || !existsSync(file)) return null;
  const { bench } = (await import(file)) as { bench?: Bench };
  return bench ?? null;
}

async function listBenches(): Promise<string> {
  const files = readdirSync(__dirname).filter((file) => file.endsWith('.js'));
  const benches = await Promise.all(files.map((file) => loadBench(path.basename(file, '.js'))));
  return benches.flatMap((bench) => (bench ? [`  ${bench.name.padEnd(16)} ${bench.description}`] : [])).join('\n');
}

/** @throws TypeError with a message for the user when an option is unknown or lacks its value */
const readArguments = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      small: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });

async function main(): Promise<number> {
  let args;
  try {
    args = readArguments();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  const [name, ...more] = args.positionals;
  if (args.values.help || name === undefined) {
    console.log(`${HELP}\nBenches:\n${await listBenches()}`);
    return 0;
  }
  const bench = more.length === 0 ? await loadBench(name) : null;
  if (!bench) {
    console.error(`There is no bench "${args.positionals.join(' ')}". There are:\n${await listBenches()}`);
    return 2;
  }
  console.log(`${bench.name}: ${bench.description}`);
  const { small } = args.values;
  const result = await runBench(bench, (benchCase) => console.log(`  ${formatCase(benchCase)}`), { small });
  if (args.values.json) writeFileSync(args.values.json, `${JSON.stringify(result, null, 2)}\n`);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
