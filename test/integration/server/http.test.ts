import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpServer } from '../../../src/server/http-server';
import { type Answer, codesOf, inside, SECRET, startTestApi } from './test-api';

let server: HttpServer;
beforeAll(async () => {
  server = await startTestApi();
});
afterAll(() => server.stop(0));

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const run = async (query: string, variables?: object) => {
  const response = await post({ query, variables });
  return { status: response.status, body: (await response.json()) as Answer };
};
const codes = ({ body }: { body: Answer }) => codesOf(body.errors);

/** fetch sets Host by itself. */
const requestWithHost = (host: string, path: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    http
      .get({ port: server.port, path, headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject);
  });

describe('GraphQL over HTTP', () => {
  it('answers', async () => {
    await expect(run('{ whoAmI }')).resolves.toEqual({ status: 200, body: { data: { whoAmI: 'development' } } });
  });

  it('says nothing of a fault but the request in which it happened', async () => {
    const response = await post({ query: '{ fault whoAmI }' }, { 'x-request-id': 'trace-1' });
    const text = await response.text();
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('stack');
    expect(JSON.parse(text)).toEqual({
      data: { fault: null, whoAmI: 'development' },
      errors: [
        {
          message: 'Internal error. Request trace-1',
          locations: expect.any(Array),
          path: ['fault'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'trace-1' },
        },
      ],
    });
  });

  it('says nothing of a fault in a mutation', async () => {
    const result = await run('mutation { rename(input: { name: "fault" }) { name } }');
    expect(JSON.stringify(result.body)).not.toContain(SECRET);
    expect(codes(result)).toEqual(['INTERNAL_SERVER_ERROR']);
  });

  it('tells what the caller can mend as userErrors', async () => {
    const { body } = await run('mutation { rename(input: { name: "" }) { name userErrors { code field message } } }');
    expect(body).toEqual({
      data: {
        rename: {
          name: null,
          userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'name'], message: 'name: must not be empty' }],
        },
      },
    });
  });

  it('tells a refusal as a top-level error with its code', async () => {
    expect(codes(await run('{ refusal }'))).toEqual(['FORBIDDEN']);
  });

  it.each([
    ['a syntax error', '{ whoAmI', undefined, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ whoAreYou }', undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['a variable of the wrong type', 'query ($t: String!) { lengthOf(text: $t) }', { t: 1 }, 'BAD_USER_INPUT'],
    ['too much depth', `${'{ thing '.repeat(13)}{ id }${' }'.repeat(13)}`, undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['too many tokens', `{ ${'whoAmI '.repeat(6000)} }`, undefined, 'GRAPHQL_PARSE_FAILED'],
    ['a subscription', 'subscription { silence }', undefined, 'BAD_REQUEST'],
  ])('refuses %s with 400', async (_what, query, variables, code) => {
    const result = await run(query, variables);
    expect([result.status, codes(result)]).toEqual([400, [code]]);
  });

  it('tells at most twenty mistakes of a document', async () => {
    const { body } = await run(`{ ${Array.from({ length: 100 }, (_, i) => `x${i}`).join(' ')} }`);
    expect(body.errors?.length).toBeLessThanOrEqual(21);
  });

  it.each([
    ['a body over the limit', JSON.stringify({ query: '{ whoAmI }', pad: 'x'.repeat(1_100_000) }), {}, 413],
    ['a body that is no JSON', '{', {}, 400],
    ['a list of operations', JSON.stringify([{ query: '{ whoAmI }' }]), {}, 400],
    ['another media type', '{ whoAmI }', { 'content-type': 'application/graphql' }, 415],
    // What a page of another site can send without being asked first.
    ['a form', 'query={whoAmI}', { 'content-type': 'text/plain' }, 400],
  ])('refuses %s', async (_what, body, headers, status) => {
    const response = await post(body, headers);
    const { errors } = (await response.json()) as Answer;
    expect([response.status, codesOf(errors)[0]]).toEqual([status, 'BAD_REQUEST']);
  });

  it('takes operations by POST only', async () => {
    const response = await fetch(`${server.url}/graphql?query={whoAmI}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('answers introspection', async () => {
    expect((await run('{ __schema { queryType { name } } }')).body.data).toEqual({
      __schema: { queryType: { name: 'Query' } },
    });
  });

  it('lets other pages neither read nor preflight', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:9', 'access-control-request-method': 'POST' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.ok).toBe(false);
  });
});

describe('request ids', () => {
  it('are taken over when they are sane', async () => {
    const response = await post({ query: '{ whoAmI }' }, { 'x-request-id': 'trace-42' });
    expect(response.headers.get('x-request-id')).toBe('trace-42');
  });

  it.each(['x'.repeat(200), 'a b', '<script>'])('are made anew instead of %j', async (id) => {
    const response = await post({ query: '{ whoAmI }' }, { 'x-request-id': id });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the development identity', () => {
  it.each(['/graphql', '/playground', '/metrics', '/healthz'])(
    'is not to be had at %s under a name that is not loopback',
    async (path) => {
      await expect(requestWithHost('rebound.example', path)).resolves.toBe(403);
    },
  );

  it('is not to be had by pages of other sites', async () => {
    const response = await post({ query: '{ whoAmI }' }, { origin: 'https://evil.example' });
    expect(response.status).toBe(403);
  });

  it('is to be had by name', async () => {
    await expect(requestWithHost(`localhost:${server.port}`, '/healthz')).resolves.toBe(200);
  });
});

describe('a client that goes away', () => {
  it('aborts what it asked for', async () => {
    const gone = new AbortController();
    const before = { ...inside };
    const answer = fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ slow }' }),
      signal: gone.signal,
    });
    while (inside.started === before.started) await sleep(5);
    gone.abort();
    await expect(answer).rejects.toThrow();
    while (inside.aborted === before.aborted) await sleep(5);
    inside.release();
    expect(inside.aborted).toBe(before.aborted + 1);
  });
});

describe('operations routes', () => {
  it('tell that the process lives', async () => {
    await expect((await fetch(`${server.url}/healthz`)).json()).resolves.toEqual({ status: 'ok', service: 'mooring' });
  });

  it('tell what keeps the server from being ready, and nothing that a check throws', async () => {
    const unready = await startTestApi({}, [
      { name: 'fine', check: () => null },
      { name: 'missing', check: () => 'not there yet' },
      {
        name: 'broken',
        check: () => {
          throw new Error(SECRET);
        },
      },
    ]);
    try {
      const response = await fetch(`${unready.url}/readyz`);
      expect(response.status).toBe(503);
      await expect(response.json()).resolves.toEqual({
        status: 'not ready',
        checks: { fine: 'ok', missing: 'not there yet', broken: 'failed', accepting: 'ok' },
      });
    } finally {
      await unready.stop(0);
    }
  });

  it('count requests, operations, root fields and errors', async () => {
    await run('query Named { fault whoAmI }');
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(
      /mooring_http_request_duration_seconds_count\{method="POST",route="\/graphql",status_code="200"\} [1-9]/,
    );
    expect(text).toMatch(
      /mooring_graphql_operation_duration_seconds_count\{operation_type="query",operation_name="Named"\} 1/,
    );
    expect(text).toMatch(/mooring_graphql_resolver_duration_seconds_count\{field="Query.whoAmI"\} [1-9]/);
    expect(text).toMatch(/mooring_graphql_errors_total\{code="INTERNAL_SERVER_ERROR"\} [1-9]/);
  });

  it('answer an unknown address with 404', async () => {
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
  });
});

describe('the playground', () => {
  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`);
    return { response, text: await response.text() };
  };

  it('is where / leads', async () => {
    const { response } = await get('/');
    expect([response.status, new URL(response.url).pathname]).toEqual([200, '/playground']);
  });

  it('loads nothing from another server, and may not', async () => {
    const { response, text } = await get('/playground');
    const addresses = [...text.matchAll(/(?:src|href|action)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(5);
    expect(addresses.filter((address) => /^(?:[a-z]+:|\/\/)/i.test(address))).toEqual([]);
    expect(text).not.toMatch(/https?:\/\//);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
    expect(response.headers.get('content-security-policy')).not.toMatch(/https?:|\*/);
  });

  it('finds every file that its page names', async () => {
    const { text } = await get('/playground');
    const addresses = [...text.matchAll(/(?:src|href)="([^"/][^"]*)"/g)].map(([, address]) => address);
    const answers = await Promise.all(
      addresses.map(async (address) => (await get(`/playground/${address}`)).response.status),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
  });

  it('starts with the examples, and with addresses of the page’s own server', async () => {
    const { text } = await get('/playground/start.js');
    const started: { initialWindows: object[] }[] = [];
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- this is how the browser runs it
    const script = new Function('location', 'AltairGraphQL', text) as (...globals: object[]) => void;
    script(
      { origin: 'https://mooring.example' },
      { init: (options: { initialWindows: object[] }) => started.push(options) },
    );
    expect(started[0].initialWindows.length).toBeGreaterThan(2);
    for (const window of started[0].initialWindows)
      expect(window).toMatchObject({
        endpointURL: 'https://mooring.example/graphql',
        subscriptionsEndpoint: 'wss://mooring.example/graphql',
        initialSubscriptionRequestHandlerId: 'graphql-ws',
        initialQuery: expect.stringMatching(/query|mutation|subscription/),
      });
  });

  it.each(['/playground/../package.json', '/playground/..%2fpackage.json', '/playground/%2e%2e/%2e%2e/package.json'])(
    'serves no file outside of its own: %s',
    async (path) => {
      await expect(requestWithHost(`127.0.0.1:${server.port}`, path)).resolves.toBe(404);
    },
  );
});
