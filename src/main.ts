import fs from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { reportProblem } from './cli/report-problem';
import type { TellStory } from './cli/churn';

const LINGER_MS = 2_000;

/** Commands load what they need when they run: `--help` and `schema` have to answer at once. */
type Run = (code: number | Promise<number>) => Promise<void>;

/**
 * The command line.
 * @param argv as process.argv
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  // Whoever read stdout has seen enough (`mooring schema | head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const program = await buildProgram(argv, async (code) => {
    exitCode = await code;
  });
  try {
    await program.parseAsync(argv);
    // What still holds the event loop open after everything was stopped must not keep the process.
    setTimeout(() => process.exit(), LINGER_MS).unref();
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong with the arguments, or has shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    reportProblem(error);
    return 1;
  }
}

async function buildProgram(argv: readonly string[], run: Run): Promise<Command> {
  const { env } = process;
  const program = new Command('mooring')
    .description('A GraphQL platform for the life of machine-learning models.')
    .version(readVersion())
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .addHelpText(
      'after',
      examples('npm start', 'mooring serve', 'mooring churn --csv customers.csv', 'mooring schema'),
    );
  const command = (name: string, description: string, ...lines: string[]) =>
    program
      .command(name)
      .description(description)
      .addHelpText('after', examples(...lines));

  command(
    'start',
    'serve, and on an empty registry run the churn example',
    'npm start',
    'MOORING_PORT=4100 npm start',
  ).action(async () => run((await import('./cli/serve.js')).start(env)));
  command('serve', 'serve (what a container runs)', 'mooring serve', 'DATABASE_URL=postgres://… mooring serve').action(
    async () => run((await import('./cli/serve.js')).serve(env)),
  );
  command(
    'migrate',
    'bring the database up to date',
    'mooring migrate',
    'DATABASE_URL=postgres://… mooring migrate',
  ).action(async () => run((await import('./cli/migrate.js')).runMigrations(env)));
  command('schema', 'print the GraphQL schema', 'mooring schema', 'mooring schema --write schema.graphql')
    .option('--write <file>', 'write it there')
    .action(async ({ write }: { write?: string }) => run((await import('./cli/schema.js')).printSchema(write ?? null)));

  addTokenCommands(command('token', 'make, list and revoke bearer tokens', 'mooring token --help'), run);
  addAuditCommands(command('audit', 'check and export the audit trail', 'mooring audit --help'), run);

  addArtifactCommands(command('artifacts', 'look after stored bytes', 'mooring artifacts --help'), run);

  const churn = command(
    'churn',
    'run the churn example on a running server, or on one started for it',
    'mooring churn',
    'mooring churn --csv WA_Fn-UseC_-Telco-Customer-Churn.csv --json',
    'MOORING_TOKEN=… mooring churn --url https://mooring.example.org',
  )
    .addOption(new Option('--url <address>', 'of the server (default: the one on this machine)').env('MOORING_URL'))
    .option('--json', 'end with one JSON object instead of a summary')
    .action(async ({ url, json, ...flags }: { url?: string; json?: boolean }) =>
      run((await import('./cli/churn.js')).churn(env, url ?? null, await storyTeller(flags, json === true))),
    );
  // The example knows its flags; it is loaded for no other command.
  if (argv[2] === 'churn') {
    const { CHURN_FLAGS } = await import('../examples/churn/index.js');
    for (const { flags, description } of CHURN_FLAGS) churn.option(flags, description);
  }
  return program;
}

function addAuditCommands(audit: Command, run: Run): void {
  const { env } = process;
  audit
    .command('verify')
    .description('recompute the hash chains; exits with 1 when one is broken')
    .option('--model <name>', 'only the chain of this model')
    .option('--against <file>', 'what "audit head" wrote earlier: notices a cut tail and a rewritten whole, too')
    .addHelpText(
      'after',
      examples(
        'mooring audit verify',
        'mooring audit verify --model churn',
        'mooring audit verify --against heads.jsonl',
      ),
    )
    .action(async ({ model, against }: { model?: string; against?: string }) =>
      run((await import('./cli/audit.js')).verifyAudit(env, model ?? null, against ?? null)),
    );
  audit
    .command('head')
    .description('print the end of every chain, one JSON object a line; keep them elsewhere')
    .addHelpText('after', examples('mooring audit head > heads.jsonl'))
    .action(async () => run((await import('./cli/audit.js')).printHeads(env)));
  audit
    .command('export')
    .description('print every entry with its hashes, one JSON object a line')
    .option('--model <name>', 'only the chain of this model')
    .option('--file <file>', 'write them there instead of to stdout')
    .addHelpText(
      'after',
      examples('mooring audit export > audit.jsonl', 'mooring audit export --model churn --file churn.jsonl'),
    )
    .action(async ({ model, file }: { model?: string; file?: string }) =>
      run((await import('./cli/audit.js')).exportAudit(env, model ?? null, file ?? null)),
    );
}

function addTokenCommands(token: Command, run: Run): void {
  const { env } = process;
  token
    .command('create')
    .description('make a token; its secret is the only thing on stdout')
    .requiredOption('--name <text>', 'what it is for')
    .requiredOption('--actor <name>', 'as whom its holder is audited')
    .requiredOption('--role <role...>', 'ADMIN, ENGINEER, SERVICE or VIEWER; several are possible')
    .option('--expires <date>', 'when it stops working, ISO 8601', parseDate)
    .addHelpText(
      'after',
      examples('mooring token create --name laptop --actor ada --role ENGINEER --expires 2027-01-01'),
    )
    .action(async (flags: { name: string; actor: string; role: string[]; expires?: Date }) =>
      run((await import('./cli/token.js')).createToken(env, flags)),
    );
  token
    .command('list')
    .description('show all tokens, without their secrets')
    .addHelpText('after', examples('mooring token list'))
    .action(async () => run((await import('./cli/token.js')).listTokens(env)));
  token
    .command('revoke')
    .description('end a token at once')
    .argument('<id>', 'as the list shows it')
    .addHelpText('after', examples('mooring token revoke QXBpVG9rZW46…'))
    .action(async (id: string) => run((await import('./cli/token.js')).revokeToken(env, id)));
}

function addArtifactCommands(artifacts: Command, run: Run): void {
  artifacts
    .command('gc')
    .description('remove the bytes that nothing refers to, as the server does every hour')
    .addHelpText('after', examples('mooring artifacts gc'))
    .action(async () => run((await import('./cli/artifacts.js')).collectArtifacts(process.env)));
  artifacts
    .command('rotate')
    .description('encrypt every artifact and every webhook’s secret with the first of MOORING_ARTIFACT_KEYS')
    .addHelpText('after', examples('MOORING_ARTIFACT_KEYS=new:…,old:… mooring artifacts rotate'))
    .action(async () => run((await import('./cli/artifacts.js')).rotateKeys(process.env)));
}

/** The example as a client of the server at an address. Flags and a CSV file are checked at once, before anything is started. */
async function storyTeller(flags: Readonly<Record<string, unknown>>, json: boolean): Promise<TellStory> {
  const { churnDataOptions, formatSummary, prepareChurn } = await import('../examples/churn/index.js');
  const tell = await prepareChurn({ ...churnDataOptions(flags), progress: process.stderr });
  return async (url, token) => {
    const summary = await tell(url, token);
    process.stdout.write(json ? `${JSON.stringify(summary, null, 2)}\n` : `${formatSummary(summary)}\n`);
  };
}

/** Of the nearest package.json: this file runs from dist/. */
function readVersion(directory = __dirname): string {
  const file = path.join(directory, 'package.json');
  if (!fs.existsSync(file)) return readVersion(path.dirname(directory));
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}

function parseDate(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('Give a date in ISO 8601, such as 2027-01-01.');
  return date;
}

const examples = (...lines: string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
