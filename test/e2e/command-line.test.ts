import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { type CommandResult, runMooring, withoutBuildNote } from './run-mooring';

let database: TestDatabase;
let directory: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-cli-'));
  env = {
    DATABASE_URL: database.url,
    MIGRATION_DATABASE_URL: database.ownerUrl,
    MOORING_DATA_DIR: path.join(directory, 'data'),
    MOORING_PORT: '0',
  };
});
afterAll(async () => {
  await database.drop();
  fs.rmSync(directory, { recursive: true, force: true });
});

/** Exit code 1, one clear line that says so, no stack, and nothing on stdout. */
function expectOneLine({ code, stdout, stderr }: CommandResult, line: RegExp): void {
  const said = withoutBuildNote(stderr).trim();
  expect(said).toMatch(line);
  expect(said.split('\n')).toHaveLength(1);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
}

describe('a server that cannot start says why in one line', () => {
  it('when the port is in use', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as net.AddressInfo;
    const result = await runMooring(['serve'], { ...env, MOORING_PORT: String(port) });
    other.close();
    expectOneLine(result, new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use\\. .*MOORING_PORT`));
  });

  it.each([
    ['with a wrong password', () => database.url.replace(/:[^:@]+@/, ':wrong@')],
    ['at a server that is not there', () => 'postgres://app:secret@127.0.0.1:1/mooring'],
    ['with a name that leads nowhere', () => 'postgres://app:secret@mooring.invalid/mooring'],
    ['in a database that is not there', () => database.url.replace(/\/[^/]+$/, '/missing')],
  ])('when DATABASE_URL is one %s', async (_what, url) => {
    const result = await runMooring(['serve'], { ...env, DATABASE_URL: url(), MIGRATION_DATABASE_URL: url() });
    expectOneLine(result, /PostgreSQL|database/i);
    expect(result.stderr).not.toMatch(/secret|wrong/);
  });

  it('when its data directory is a file', async () => {
    const file = path.join(directory, 'a-file');
    fs.writeFileSync(file, '');
    expectOneLine(
      await runMooring(['serve'], { ...env, MOORING_DATA_DIR: file }),
      /^Cannot write to .*a-file.*MOORING_DATA_DIR/,
    );
  });

  it('when it would be open to the network and has no token', async () => {
    expectOneLine(
      await runMooring(['serve'], { ...env, MOORING_HOST: '0.0.0.0' }),
      /^Listening on 0\.0\.0\.0 needs tokens, .* mooring token create /,
    );
  });

  it('when the address is not of this machine', async () => {
    const made = await runMooring(['token', 'create', '--name', 'x', '--actor', 'x', '--role', 'VIEWER'], env);
    expect(made.code).toBe(0);
    expectOneLine(
      await runMooring(['serve'], { ...env, MOORING_HOST: '203.0.113.7' }),
      /^203\.0\.113\.7 is not an address of this machine/,
    );
  });
});

describe('a bad configuration', () => {
  it('is reported whole, by name, with what was expected', async () => {
    const { code, stderr, stdout } = await runMooring(['serve'], {
      MOORING_PORT: 'x',
      MOORING_AUTH: 'none',
      MOORING_PROT: '1',
    });
    const lines = withoutBuildNote(stderr).trim().split('\n');
    expect(lines).toEqual([
      'Configuration:',
      expect.stringMatching(/MOORING_PORT: "x" is not right; expected a whole number/),
      expect.stringMatching(/MOORING_AUTH: "none" is not right; expected development or tokens/),
      expect.stringMatching(/MOORING_PROT: unknown/),
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

describe('the command line', () => {
  it.each([
    [[]],
    [['start']],
    [['serve']],
    [['migrate']],
    [['schema']],
    [['churn']],
    [['token', 'create']],
    [['token', 'list']],
    [['token', 'revoke']],
    [['audit', 'verify']],
    [['audit', 'head']],
    [['audit', 'export']],
    [['artifacts', 'gc']],
    [['artifacts', 'rotate']],
  ])('helps with %j, by examples too', async (command) => {
    const { code, stdout } = await runMooring([...command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: mooring/);
    expect(stdout).toMatch(/Examples:\n {2}\S/);
  });

  it('refuses what it does not know', async () => {
    const { code, stderr } = await runMooring(['srve']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/unknown command 'srve'/);
  });

  it('prints the schema without a database', async () => {
    const { code, stdout } = await runMooring(['schema'], { DATABASE_URL: 'postgres://app@127.0.0.1:1/none' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^type Query \{/m);
  });

  it('writes the schema to a file', async () => {
    const file = path.join(directory, 'schema.graphql');
    const { code, stdout } = await runMooring(['schema', '--write', file]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(fs.readFileSync(file, 'utf8')).toMatch(/^type Query \{/m);
  });

  it('migrates', async () => {
    await expect(runMooring(['migrate'], env)).resolves.toMatchObject({
      code: 0,
      stdout: 'The database is up to date.\n',
    });
  });

  it('verifies the audit trail, and names the model that there is not', async () => {
    const { code, stdout } = await runMooring(['audit', 'verify'], env);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^valid {3}\(platform\): All \d+ entries/),
    });
    expectOneLine(await runMooring(['audit', 'verify', '--model', 'nothing'], env), /^There is no model "nothing"/);
  });
});

describe('the audit trail on the command line', () => {
  const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
  const inDirectory = (name: string) => path.join(directory, name);

  beforeAll(async () => {
    await runMooring(['token', 'create', '--name', 'audited', '--actor', 'ada', '--role', 'VIEWER'], env);
  });

  it('is exported as JSON lines, to stdout or to a file, and its heads are', async () => {
    const exported = await runMooring(['audit', 'export'], env);
    expect(exported).toMatchObject({ code: 0 });
    const entries = linesOf(exported.stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.length).toBeGreaterThan(0);
    expect(Object.keys(entries[0])).toEqual([
      ...[
        'chain',
        'sequence',
        'recordedAt',
        'actor',
        'action',
        'subject',
        'details',
        'requestId',
        'previousHash',
        'hash',
      ],
    ]);
    const file = inDirectory('audit.jsonl');
    const written = await runMooring(['audit', 'export', '--file', file], env);
    expect(written).toMatchObject({ code: 0, stdout: '' });
    expect(withoutBuildNote(written.stderr)).toBe(`Exported ${entries.length} entries to ${file}\n`);
    expect(fs.readFileSync(file, 'utf8')).toBe(exported.stdout);

    const heads = await runMooring(['audit', 'head'], env);
    const { chain, sequence, hash } = entries.at(-1) ?? {};
    expect(linesOf(heads.stdout).map((line) => JSON.parse(line) as unknown)).toEqual([{ chain, sequence, hash }]);
  });

  it('is verified against heads that were kept: what was cut off or rewritten since is named', async () => {
    const heads = await runMooring(['audit', 'head'], env);
    const file = inDirectory('heads.jsonl');
    const verify = (text: string) => {
      fs.writeFileSync(file, text);
      return runMooring(['audit', 'verify', '--against', file], env);
    };
    expect(await verify(heads.stdout)).toMatchObject({ code: 0, stdout: expect.stringContaining('of the kept head') });
    const [first] = linesOf(heads.stdout).map((line) => JSON.parse(line) as { sequence: number; hash: string });
    const longer = { ...first, sequence: first.sequence + 2 };
    expect(await verify(JSON.stringify(longer))).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^BROKEN {2}\(platform\): .*its tail is cut off since its head was kept/),
    });
    const removed = { chain: 'model:gone', sequence: 4, hash: first.hash };
    expect(await verify(`${heads.stdout}${JSON.stringify(removed)}\n`)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/\nBROKEN {2}model:gone: .*entries 1 to 4 are missing/),
    });
    expectOneLine(
      await verify('{"chain": "platform"}'),
      /^against: line 1 of .* is not one that "mooring audit head" prints/,
    );
    expectOneLine(await verify(''), /^against: .* is empty/);
    expectOneLine(
      await runMooring(['audit', 'verify', '--against', inDirectory('none')], env),
      /cannot be read \(ENOENT\)/,
    );
  });

  it('is not exported to where nothing can be written', async () => {
    const result = await runMooring(['audit', 'export', '--file', inDirectory('none/audit.jsonl')], env);
    expectOneLine(result, /^file: .* cannot be written \(ENOENT\)/);
  });
});

describe('tokens on the command line', () => {
  it('are made, listed and revoked; the secret alone goes to stdout', async () => {
    const made = await runMooring(
      [
        'token',
        'create',
        '--name',
        'laptop',
        '--actor',
        'ada',
        '--role',
        'engineer',
        'SERVICE',
        '--expires',
        '2999-01-01',
      ],
      env,
    );
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/^mooring_[\w-]{43}\n$/);

    const listed = await runMooring(['token', 'list'], env);
    const line = listed.stdout.split('\n').find((text) => text.includes('laptop')) ?? '';
    expect(line).toMatch(/^\S+ {2}laptop {2}ada {2}ENGINEER,SERVICE {2}until 2999-01-01T00:00:00\.000Z$/);
    expect(listed.stdout).not.toContain(made.stdout.trim());

    const revoked = await runMooring(['token', 'revoke', line.split(' ')[0]], env);
    expect(revoked).toMatchObject({ code: 0, stdout: expect.stringContaining('revoked') });
  });

  it.each([
    ['an unknown role', ['--role', 'BOSS'], /BOSS is not a role/],
    ['a past date', ['--role', 'ADMIN', '--expires', '2001-01-01'], /must lie in the future/],
  ])('are refused with %s', async (_what, flags, message) => {
    expectOneLine(await runMooring(['token', 'create', '--name', 'x', '--actor', 'x', ...flags], env), message);
  });

  it('are not to be revoked by what is not their id', async () => {
    expectOneLine(await runMooring(['token', 'revoke', 'nonsense'], env), /is not an id that this API gave/);
  });
});

describe('the keys of what is stored', () => {
  it('are rotated for artifacts and the secrets of webhooks at once, and a missing one is named', async () => {
    const keyOf = (id: string) => `${id}:${Buffer.alloc(32, id).toString('base64')}`;
    const rotate = (...ids: string[]) =>
      runMooring(['artifacts', 'rotate'], { ...env, MOORING_ARTIFACT_KEYS: ids.map(keyOf).join() });
    const [{ id }] = await database.dataSource.query<[{ id: string }]>(
      `INSERT INTO webhooks (url, event_types, secret, created_by) VALUES ('http://example.org', '{DATASET_READY}', 'whsec_AAAA', 'ada') RETURNING id`,
    );
    expect(await rotate('old')).toMatchObject({
      code: 0,
      stdout:
        'artifacts: 0 rewritten, 0 as they should be (encrypted with old), 0 failed\n' +
        'webhook secrets: 1 rewritten, 0 as they should be (encrypted with old), 0 failed\n',
    });
    const without = await rotate('new');
    expect(without.code).toBe(1);
    expect(without.stdout).toContain(`FAILED  webhook ${id}: its secret is encrypted with the key old`);
    expect(await rotate('new', 'old')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('secrets: 1 rewritten'),
    });
  });
});
