import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FieldNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { codeBlocks, inlineCode, section, tableRows } from '../support/markdown';
import { printedAnswer } from '../support/printed-answer';
import { type ServerProcess, startServerProcess } from '../support/server-process';
import { createBareDatabase } from '../support/test-database';
import { type CommandResult, runMooring } from './run-mooring';

const ROOT = path.resolve(__dirname, '../..');
const MOORING = path.join(ROOT, 'bin/mooring.js');
const README = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const STORY_TIMEOUT_MS = 120_000;

const blocks = codeBlocks(README);
const answers = blocks.filter(({ language }) => language === 'jsonc').map(({ text }) => printedAnswer(text));

/** Every line of the shell blocks, without its remark. */
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, ''))
  .filter((line) => line !== '');
/** Commands that last until they are told to end: the variables that they set. */
const SERVE = /^((?:\w+=\S+ )+)npx mooring serve$/;
const npmCommands = commands.filter((command) => command.startsWith('npm '));
const lasting = commands.filter((command) => SERVE.test(command));
const shellCommands = commands.filter((command) => ![...npmCommands, ...lasting].includes(command));

/** The files that the README's commands read, a line each, as their owners would have them. */
const TABLES: Readonly<Record<string, () => string[]>> = {
  'WA_Fn-UseC_-Telco-Customer-Churn.csv': () => [
    'customerID,tenure,Contract,TotalCharges,Churn',
    ...Array.from({ length: 1500 }, (_, i) => {
      const tenure = Math.floor(72 * noise(i));
      const leaves = noise(i + 0.5) < (tenure < 20 ? 0.6 : 0.1);
      const total = tenure === 0 ? ' ' : (tenure * 70.5).toFixed(2);
      return `${i}-ABCDE,${tenure},${i % 3 === 0 ? 'Two year' : 'Month-to-month'},${total},${leaves ? 'Yes' : 'No'}`;
    }),
  ],
  'machine_readings.csv': () => [
    'machine_id,eventTimestamp,temperature,vibration',
    'm2,2026-11-01T08:00:00Z,69.5,0.3',
    'm3,2026-11-01T08:00:00Z,70.25,',
  ],
  'accounts.csv': () => [
    'account;month;seats;refund;cancelled',
    ...Array.from({ length: 2400 }, (_, i) => {
      const seats = Math.floor(50 * noise(i));
      const cancelled = noise(i + 0.5) < (seats < 12 ? 0.6 : 0.1) ? 1 : 0;
      return `a${Math.floor(i / 6)};2026-0${1 + (i % 6)}-01;${seats};${cancelled * 5};${cancelled}`;
    }),
  ],
};
/** Of [0, 1), and the same in every run. */
const noise = (seed: number): number => Math.abs(Math.sin(seed) * 1e4) % 1;

let directory: string;
let dataDirectory: string;
let firstRun: CommandResult;
let server: ServerProcess;

beforeAll(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-readme-'));
  // Root's PostgreSQL runs as another user, who has to get in.
  fs.chmodSync(directory, 0o711);
  dataDirectory = path.join(directory, 'data');
  for (const [name, lines] of Object.entries(TABLES)) fs.writeFileSync(path.join(directory, name), lines().join('\n'));
  // The example is told as a first start does, but to fewer subscribers; no Mooring answers at port 0, so it starts its own.
  const env = { MOORING_DATA_DIR: dataDirectory, MOORING_PORT: '0' };
  firstRun = await runMooring(['churn', '--subscribers', '2000'], env);
  if (firstRun.code !== 0) throw new Error(firstRun.stderr);
  server = await startServerProcess({ dataDirectory, args: ['start'] });
  while (!server.output().includes('Ctrl-C')) await sleep(20);
}, STORY_TIMEOUT_MS);

afterAll(async () => {
  await server?.stop();
  fs.rmSync(directory, { recursive: true, force: true });
});

interface Answer {
  readonly data?: Record<string, unknown>;
}

async function ask(query: string): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

/** Of the last event so far. */
async function latestCursor(after: string | null = null): Promise<string | null> {
  const query = `{ events(first: 100, after: ${JSON.stringify(after)}) { nodes { cursor } pageInfo { endCursor hasNextPage } } }`;
  const { events } = (await ask(query)).data as {
    events: { nodes: { cursor: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
  };
  if (events.pageInfo.hasNextPage) return latestCursor(events.pageInfo.endCursor);
  return events.nodes.at(-1)?.cursor ?? after;
}

/** What a subscription hears first. */
async function hear(query: string, variables: Record<string, unknown>): Promise<unknown> {
  const client = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  const { value } = await client.iterate({ query, variables }).next();
  await client.dispose();
  return value;
}

/** Runs a program in the directory of the tables, with the server of this file as the one on this machine. */
function execute(file: string, args: readonly string[], cwd = directory): Promise<CommandResult> {
  const env = {
    HOME: process.env.HOME,
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`,
    MOORING_PORT: String(server.port),
    MOORING_DATA_DIR: dataDirectory,
  };
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

describe('the first start', () => {
  const [progress, models, addresses] = blocks.filter(({ language }) => language === 'text').map(({ text }) => text);
  /** The names of the steps, from lines such as "   5.0 s  3 Train                             AUC …  (5.0 s)". */
  const stepsOf = (text: string): string[] =>
    [...text.matchAll(/^ *[\d.]+ s {2}(\S.*?) {2,}\S.*\([\d.]+ s\)$/gm)].map(([, step]) => step);

  it('takes the steps that the README shows, in that order', () => {
    const shown = stepsOf(progress);
    expect(shown).toContain('7 Retrain on drift');
    expect(stepsOf(firstRun.stderr).filter((step) => shown.includes(step))).toEqual(shown);
    const otherLines = progress.split('\n').filter((line) => stepsOf(line).length === 0);
    expect(firstRun.stderr.split('\n')).toEqual(expect.arrayContaining(otherLines));
  });

  it('sums up the models as the README shows', () => {
    const shape = (line: string): string => line.replace(/ {2,}/g, '  ').replace(/\d\.\d+/g, 'figure');
    expect(firstRun.stdout.split('\n').map(shape)).toEqual(expect.arrayContaining(models.split('\n').map(shape)));
  });

  it('ends with the addresses that the README shows, and they answer', async () => {
    const here = addresses.replaceAll('http://127.0.0.1:4000', server.url);
    expect(server.output()).toContain(here);
    const pages = [...here.matchAll(/http:\S+/g)].map(([url]) => url).filter((url) => !url.endsWith('/graphql'));
    const statuses = await Promise.all(pages.map(async (url) => (await fetch(url)).status));
    expect(statuses).toEqual([200, 200, 200]);
  });

  it('is the only one that runs the example', () => {
    expect(stepsOf(server.output())).toEqual([]);
  });
});

interface Operation {
  readonly type: string;
  readonly name: string;
  readonly text: string;
  readonly answer: unknown;
}

/** The operations of the README, each with the answer that has the same fields at its root. */
const operations = blocks
  .filter(({ language }) => language === 'graphql')
  .map(({ text }): Operation => {
    const definition = parse(text).definitions[0] as OperationDefinitionNode;
    const fields = definition.selectionSet.selections.filter((node): node is FieldNode => node.kind === Kind.FIELD);
    const names = fields.map(({ name, alias }) => (alias ?? name).value).join();
    const answer = answers.find((printed) => Object.keys((printed as Answer).data ?? {}).join() === names);
    return { type: definition.operation, name: definition.name?.value ?? '', text, answer };
  });

/** A subscription is heard together with the operation that follows it. */
const scenes = operations.flatMap((operation, index) => {
  const before = operations.at(index - 1);
  return operation.type === 'subscription'
    ? []
    : [{ operation, listener: before?.type === 'subscription' ? before : null, name: operation.name }];
});

describe('the operations of the README', () => {
  it('are of every kind, and each has its answer', () => {
    const kinds = new Set(operations.map(({ type }) => type));
    expect(kinds).toEqual(new Set(['query', 'mutation', 'subscription']));
    expect(operations.filter(({ answer }) => answer === undefined)).toEqual([]);
    expect(scenes.filter(({ listener }) => listener !== null)).toHaveLength(1);
  });

  it.each(scenes)('answer as it prints: $name', async ({ operation, listener }) => {
    const after = await latestCursor();
    const answer = await ask(operation.text);
    const heard = listener && (await hear(listener.text, { after }));
    expect([answer, heard]).toEqual([operation.answer, listener && listener.answer]);
  });

  it('can be sent by the program that it prints', async () => {
    const program = blocks.find(({ language }) => language === 'js')?.text ?? '';
    const here = program.replace('http://127.0.0.1:4000', server.url);
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', here]);
    expect(answers).toContainEqual(JSON.parse(stdout));
  });
});

describe('the commands of the README', () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };

  it.each(npmCommands)('are npm’s own or scripts that there are: %s', (command) => {
    for (const part of command.split(' && ')) {
      const [, script] = /^npm (?:run )?([\w:]+)(?: --(?: .*)?)?$/.exec(part) ?? [];
      expect(['ci', ...Object.keys(scripts)]).toContain(script);
    }
  });

  it('measure with benches that "npm run bench" lists', async () => {
    const benches = npmCommands.flatMap((command) => /^npm run bench -- (\w+)/.exec(command)?.[1] ?? []);
    const { code, stdout } = await execute('npm', ['run', 'bench'], ROOT);
    const listed = [...stdout.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name]) => name);
    expect({ code, listed }).toEqual({ code: 0, listed: expect.arrayContaining(benches) });
    expect(benches).not.toEqual([]);
  });

  it('reach the command line by npx in a checkout', async () => {
    const { code, stdout } = await execute('npx', ['mooring', '--version'], ROOT);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each(shellCommands)('run: %s', async (command) => {
    const line = command
      .replace(/^npx mooring /, `"${process.execPath}" "${MOORING}" `)
      .replaceAll('http://127.0.0.1:4000', server.url);
    const { code, stderr } = await execute('sh', ['-c', line]);
    // What it said is shown when it failed.
    expect(code === 0 ? 'done' : stderr).toBe('done');
  });

  it('write one JSON object that has what the README names', () => {
    const paragraph = section(README, 'The churn example')
      .split('\n\n')
      .find((text) => text.startsWith('`--json`'));
    const summary = JSON.parse(fs.readFileSync(path.join(directory, 'telco.json'), 'utf8')) as object;
    const [flag, ...fields] = inlineCode(paragraph ?? '');
    expect({ flag, missing: fields.filter((field) => !(field in summary)) }).toEqual({ flag: '--json', missing: [] });
    expect(fields).toContain('auc');
  });

  it('are all those that "mooring --help" lists', async () => {
    const { stdout } = await runMooring(['--help']);
    const listed = [...stdout.matchAll(/^ {2}([a-z]+)(?: \[\w+\])? {2,}/gm)].map(([, name]) => name);
    const documented = tableRows(section(README, 'Command line')).map(([name]) => name.replaceAll('`', ''));
    expect(documented.toSorted()).toEqual(listed.filter((name) => name !== 'help').toSorted());
  });
});

describe('the servers of the README', () => {
  const settings = lasting.map((command) => {
    const variables = SERVE.exec(command)?.[1].trim().split(' ') ?? [];
    return { command, env: Object.fromEntries(variables.map((variable) => variable.split(/=(.*)/s).slice(0, 2))) };
  });

  beforeAll(() => server.stop());

  it.each(settings)('get ready: $command', async ({ env }) => {
    const database = await createBareDatabase();
    const databaseUrl = env.DATABASE_URL === undefined ? undefined : database.ownerUrl;
    const asked = { ...env, DATABASE_URL: databaseUrl };
    const started = await startServerProcess({ dataDirectory, env: asked });
    await started.stop();
    await database.drop();
    await expect(started.exited).resolves.toEqual({ code: 0, signal: null });
  });
});
