import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import type { HttpServer } from '../../../src/server/http-server';
import { connect, hear, INIT, speak, subscribe } from './listen';
import { codesOf, inside, SECRET, startTestApi } from './test-api';

let server: HttpServer;
let client: Client;
beforeAll(async () => {
  server = await startTestApi();
  client = connect(server);
});
afterAll(async () => {
  await client.dispose();
  await server.stop(0);
});

describe('GraphQL over WebSocket', () => {
  it('answers queries and mutations as HTTP does', async () => {
    const query = await hear('{ whoAmI }', client);
    expect(query.results).toEqual([{ data: { whoAmI: 'development' } }]);
    const mutation = await hear('mutation { rename(input: { name: "" }) { userErrors { code } } }', client);
    expect(mutation.results).toEqual([{ data: { rename: { userErrors: [{ code: 'INVALID_INPUT' }] } } }]);
  });

  it('gives every event loaders of its own', async () => {
    const { results } = await hear('subscription { loads }', client);
    expect(results.map(({ data }) => data?.loads)).toEqual([1, 2, 3]);
  });

  it('lets go of the source when a listener leaves in silence', async () => {
    const before = inside.subscribersEnded;
    const unsubscribe = client.subscribe(
      { query: 'subscription { silence }' },
      { next: () => unsubscribe(), error: () => undefined, complete: () => undefined },
    );
    while (inside.subscribersEnded === before) await sleep(5);
    expect(inside.subscribersEnded).toBe(before + 1);
  });

  it('lets go of the source when the socket breaks', async () => {
    const before = inside.subscribersEnded;
    const { socket, messages } = speak(server, [INIT, subscribe('1', 'subscription { silence }')]);
    while (!messages.some(({ type }) => type === 'next')) await sleep(5);
    socket.terminate();
    while (inside.subscribersEnded === before) await sleep(5);
    expect(inside.subscribersEnded).toBe(before + 1);
  });
});

describe('faults over WebSocket', () => {
  it('in an event are masked, and the subscription goes on', async () => {
    const { results, errors } = await hear('subscription { faultyEvent }', client);
    expect(errors).toBeUndefined();
    expect(results.map(({ data }) => data?.faultyEvent ?? null)).toEqual([1, null, 3]);
    expect(codesOf(results[1]?.errors)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(results)).not.toContain(SECRET);
  });

  it.each(['subscription { brokenSource }', 'subscription { closedSource }', '{ fault }'])(
    'are masked in %s',
    async (query) => {
      const { results, errors } = await hear(query, client);
      expect(errors ?? results.at(-1)?.errors).toMatchObject([
        {
          message: expect.stringMatching(/^Internal error\. Request [0-9a-f-]{36}$/),
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ]);
      expect(JSON.stringify([results, errors])).not.toContain(SECRET);
    },
  );

  it('that the listener can mend are told with their code', async () => {
    const { results, errors } = await hear('subscription { tooSlow }', client);
    expect(results).toHaveLength(1);
    expect(errors).toMatchObject([{ extensions: { code: 'LISTENER_TOO_SLOW', lastCursor: 'cursor-1' } }]);
  });
});

describe('the limits over WebSocket', () => {
  it.each([
    ['a syntax error', '{ whoAmI', undefined, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ whoAreYou }', undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['a variable of the wrong type', 'query ($t: String!) { lengthOf(text: $t) }', { t: 1 }, 'BAD_USER_INPUT'],
    ['too much depth', `${'{ thing '.repeat(13)}{ id }${' }'.repeat(13)}`, undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['too many tokens', `{ ${'whoAmI '.repeat(5100)} }`, undefined, 'GRAPHQL_PARSE_FAILED'],
    [
      'a name that the document does not have',
      'query A { whoAmI } query B { whoAmI }',
      undefined,
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ])('refuse %s as HTTP does', async (_what, query, variables, code) => {
    const { results, errors } = await hear(query, client, { variables });
    expect(codesOf(errors ?? results[0]?.errors)).toEqual([code]);
  });

  it('end a socket whose message is over the limit', async () => {
    const { closed } = speak(server, [INIT, subscribe('1', `{ lengthOf(text: "${'x'.repeat(70_000)}") }`)]);
    await expect(closed).resolves.toMatchObject({ code: 1009 });
  });

  it('refuse the hundred-and-first operation on one socket, and no other', async () => {
    const crowd = connect(server);
    try {
      let open = 0;
      for (let i = 0; i < 100; i += 1) void hear('subscription { silence }', crowd, { onNext: () => (open += 1) });
      while (open < 100) await sleep(5);
      const { errors } = await hear('subscription { silence }', crowd);
      expect(errors).toMatchObject([{ message: 'At most 100 operations at a time on one socket.' }]);
      expect((await hear('{ whoAmI }', client)).results).toHaveLength(1);
    } finally {
      await crowd.dispose();
    }
  });

  it('end a socket that speaks no protocol of ours', async () => {
    const { closed } = speak(server, ['hello']);
    await expect(closed).resolves.toMatchObject({ code: 4400 });
  });

  it('end a socket that asks before it has introduced itself', async () => {
    const { closed } = speak(server, [subscribe('1', '{ whoAmI }')]);
    await expect(closed).resolves.toMatchObject({ code: 4401 });
  });

  it('end a socket that does not introduce itself in time', async () => {
    const { closed } = speak(server, []);
    await expect(closed).resolves.toMatchObject({ code: 4408 });
  });
});
