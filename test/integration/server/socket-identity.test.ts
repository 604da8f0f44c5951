import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { HttpServer } from '../../../src/server/http-server';
import { connect, hear, INIT, speak } from './listen';
import { type Answer, codesOf, inside, startTestApi } from './test-api';

let server: HttpServer;
beforeAll(async () => {
  server = await startTestApi();
});
afterAll(() => server.stop(0));

describe('who may open a socket in development', () => {
  it.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page whose name was made to lead here', { host: 'rebound.example' }],
    ['a page without a name', { origin: 'null' }],
  ])('is not %s', async (_who, headers) => {
    const { closed } = speak(server, [INIT], headers);
    await expect(closed).rejects.toThrow('HTTP 403');
  });

  it('is the playground', async () => {
    const { socket, messages } = speak(server, [INIT], { origin: server.url });
    while (messages.length === 0) await sleep(5);
    socket.terminate();
    expect(messages[0]?.type).toBe('connection_ack');
  });

  it('is nobody at another path', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/other`);
    const status = await new Promise((resolve) =>
      socket
        .on('error', () => undefined)
        .on('unexpected-response', (_request, response) => resolve(response.statusCode)),
    );
    expect(status).toBe(404);
  });
});

describe('tokens', () => {
  let guarded: HttpServer;
  beforeAll(async () => {
    guarded = await startTestApi({ MOORING_AUTH: 'tokens' });
  });
  afterAll(() => guarded.stop(0));
  const bearing = (token: string) => connect(guarded, { authorization: `Bearer ${token}` });

  it('let their bearer in, over both doors', async () => {
    const client = bearing('good');
    expect((await hear('{ whoAmI }', client)).results).toEqual([{ data: { whoAmI: 'good' } }]);
    await client.dispose();
    const response = await fetch(`${guarded.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer good' },
      body: JSON.stringify({ query: '{ whoAmI }' }),
    });
    await expect(response.json()).resolves.toEqual({ data: { whoAmI: 'good' } });
  });

  it.each([{}, { authorization: 'Bearer bad' }, { authorization: 'Basic Z29vZDo=' }, { authorization: 7 }])(
    'are asked for at the socket: %j is not enough',
    async (params) => {
      const { closed } = await hear('{ whoAmI }', connect(guarded, params));
      expect(closed).toMatchObject({ code: 4401 });
    },
  );

  it.each([undefined, 'Bearer bad', 'Basic Z29vZDo='])(
    'are asked for over HTTP: %j is not enough',
    async (authorization) => {
      const response = await fetch(`${guarded.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
        body: JSON.stringify({ query: '{ whoAmI }' }),
      });
      const { errors } = (await response.json()) as Answer;
      expect([response.status, response.headers.get('www-authenticate'), codesOf(errors)[0]]).toEqual([
        401,
        'Bearer',
        'UNAUTHENTICATED',
      ]);
    },
  );

  it('are looked at before the body is', async () => {
    const response = await fetch(`${guarded.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{ this is no JSON',
    });
    expect(response.status).toBe(401);
  });

  it('are looked at again for every operation', async () => {
    const client = bearing('good-until-revoked');
    let open = false;
    void hear('subscription { silence }', client, { onNext: () => (open = true) });
    while (!open) await sleep(5);
    inside.revoked.add('good-until-revoked');
    const { errors } = await hear('{ whoAmI }', client);
    expect(codesOf(errors)).toEqual(['UNAUTHENTICATED']);
    await client.dispose();
  });

  it('end the socket when they expire, while its listener only listens', async () => {
    const startedAt = performance.now();
    const { results, closed } = await hear('subscription { silence }', bearing('good-300ms'));
    expect(results).toHaveLength(1);
    expect(closed).toMatchObject({ code: 4401, reason: expect.stringContaining('expired') });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
