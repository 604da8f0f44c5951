import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type ServerProcess, startServerProcess } from '../support/server-process';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { runMooring } from './run-mooring';

let database: TestDatabase;
const servers: ServerProcess[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});
afterAll(() => database.drop());

async function serve(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ databaseUrl: database.url, migrationDatabaseUrl: database.ownerUrl, env });
  servers.push(server);
  return server;
}

async function ask(server: ServerProcess, query: string, token?: string): Promise<unknown> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

const logOf = (server: ServerProcess) =>
  server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('mooring serve', () => {
  it('answers on one port: GraphQL over both doors, playground, health, readiness and metrics', async () => {
    const server = await serve();
    await expect(ask(server, '{ viewer { actor roles } }')).resolves.toEqual({
      data: { viewer: { actor: 'development', roles: ['ADMIN'] } },
    });
    const client = createClient({ url: `ws://127.0.0.1:${server.port}/graphql`, webSocketImpl: WebSocket });
    const { value } = await client.iterate({ query: '{ viewer { actor } }' }).next();
    expect(value).toEqual({ data: { viewer: { actor: 'development' } } });
    await client.dispose();
    const paths = ['/healthz', '/readyz', '/metrics', '/playground', '/'];
    const statuses = await Promise.all(paths.map(async (path) => (await fetch(server.url + path)).status));
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
  });

  it('says in its log that everybody here is an administrator', async () => {
    const server = await serve();
    expect(logOf(server)).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: expect.stringMatching(/^development identity: /) }),
    );
  });

  it('logs operations with request id, name and duration, and writes nothing to stdout', async () => {
    const server = await serve();
    await ask(server, 'query WhoAmI { viewer { actor } }');
    await server.stop();
    expect(logOf(server)).toContainEqual(
      expect.objectContaining({
        level: 'info',
        msg: 'operation',
        transport: 'http',
        type: 'query',
        name: 'WhoAmI',
        actor: 'development',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        durationMs: expect.any(Number),
      }),
    );
    const others = server
      .output()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{') && !line.startsWith('build:'));
    expect(others).toEqual([]);
  });

  it('asks for a token where it is told to, and knows its holder', async () => {
    const env = { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: database.ownerUrl };
    const made = await runMooring(['token', 'create', '--name', 'ci', '--actor', 'ada', '--role', 'VIEWER'], env);
    const server = await serve({ MOORING_AUTH: 'tokens' });
    await expect(ask(server, '{ viewer { actor } }')).resolves.toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    await expect(ask(server, '{ viewer { actor roles } }', made.stdout.trim())).resolves.toEqual({
      data: { viewer: { actor: 'ada', roles: ['VIEWER'] } },
    });
    await expect(
      ask(
        server,
        'mutation { createToken(input: { name: "x", actor: "x", roles: [ADMIN] }) { secret } }',
        made.stdout.trim(),
      ),
    ).resolves.toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  it('lets its own administrators make tokens, and ends them at once', async () => {
    const server = await serve();
    const made = (await ask(
      server,
      'mutation { createToken(input: { name: "x", actor: "bob", roles: [VIEWER] }) { secret token { id } userErrors { code } } }',
    )) as {
      data: { createToken: { secret: string; token: { id: string } } };
    };
    const { secret, token } = made.data.createToken;
    await expect(ask(server, '{ viewer { actor } }', secret)).resolves.toEqual({ data: { viewer: { actor: 'bob' } } });
    await ask(server, `mutation { revokeToken(input: { id: "${token.id}" }) { userErrors { code } } }`);
    await expect(ask(server, '{ viewer { actor } }', secret)).resolves.toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('is not ready once the database is gone, still lives, and says nothing of the cause', async () => {
    const own = await createTestDatabase();
    const server = await startServerProcess({ databaseUrl: own.url, migrationDatabaseUrl: own.ownerUrl });
    servers.push(server);
    await own.drop();
    const response = await fetch(`${server.url}/readyz`);
    expect(response.status).toBe(503);
    await expect(response.json()).resolves.toMatchObject({ status: 'not ready', checks: { database: 'failed' } });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const answer = await ask(server, '{ models { nodes { name } } }');
    expect(answer).toMatchObject({ errors: [{ message: expect.stringMatching(/^Internal error\. Request /) }] });
  });
});

describe('npm start', () => {
  it('says where to look, and runs no example where there are models', async () => {
    const own = await createTestDatabase();
    await own.dataSource.query(
      `INSERT INTO models (name, task_type, quality_policy, created_by) VALUES ('mine', 'REGRESSION', '{}', 'ada')`,
    );
    const server = await startServerProcess({
      databaseUrl: own.url,
      migrationDatabaseUrl: own.ownerUrl,
      args: ['start'],
    });
    servers.push(server);
    while (!server.output().includes('Ctrl-C')) await sleep(50);
    for (const path of ['playground', 'graphql', 'metrics', 'readyz'])
      expect(server.output()).toContain(`${server.url}/${path}`);
    expect(server.output()).not.toContain('example');
    const query = /query Models \{[\s\S]*?\n {4}\}/.exec(server.output())?.[0] ?? '';
    await expect(ask(server, query)).resolves.toEqual({
      data: { models: { nodes: [{ name: 'mine', production: null, transitions: { nodes: [] } }] } },
    });
    await server.stop();
    await own.drop();
  });
});

describe('a signal', () => {
  it('ends the server in order, with exit code 0', async () => {
    const server = await serve();
    server.kill('SIGTERM');
    await expect(server.exited).resolves.toEqual({ code: 0, signal: null });
    expect(logOf(server).filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('tells listeners before it closes their sockets', async () => {
    const server = await serve();
    const closed: unknown[] = [];
    const client = createClient({
      url: `ws://127.0.0.1:${server.port}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      on: { closed: (event) => closed.push(event) },
    });
    const ended = new Promise((resolve) => {
      client.subscribe(
        { query: 'subscription { events { cursor } }' },
        { next: () => undefined, error: resolve, complete: () => resolve('complete') },
      );
    });
    await sleep(300);
    server.kill('SIGINT');
    await expect(ended).resolves.toMatchObject([{ extensions: { code: 'SHUTTING_DOWN' } }]);
    await server.exited;
    expect(closed).toMatchObject([{ code: 1001 }]);
  });
});
