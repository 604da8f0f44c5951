import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, hear, INIT, speak, subscribe } from './listen';
import { inside, startTestApi } from './test-api';

describe('a server that stops', () => {
  it('tells its subscriptions, closes the sockets as going away, and lets go of the sources', async () => {
    const leaving = await startTestApi();
    const before = inside.subscribersEnded;
    const { messages, closed } = speak(leaving, [INIT, subscribe('1', 'subscription { silence }')]);
    while (!messages.some(({ type }) => type === 'next')) await sleep(5);
    await leaving.stop(1_000);
    const { code } = await closed;
    expect(code).toBe(1001);
    expect(messages.at(-1)).toMatchObject({
      id: '1',
      type: 'error',
      payload: [{ extensions: { code: 'SHUTTING_DOWN' } }],
    });
    expect(inside.subscribersEnded).toBe(before + 1);
  });

  it.each(['http', 'websocket'] as const)(
    'finishes what is under way over %s, and takes nothing new',
    async (transport) => {
      const leaving = await startTestApi();
      const before = inside.started;
      const other = connect(leaving);
      const answer =
        transport === 'websocket'
          ? hear('{ slow }', other).then(({ results }) => results[0])
          : fetch(`${leaving.url}/graphql`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ query: '{ slow }' }),
            }).then((response) => response.json());
      while (inside.started === before) await sleep(5);
      const stopped = leaving.stop(5_000);
      await sleep(50);
      const late = await fetch(`${leaving.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ whoAmI }"}',
      }).then(
        ({ status }) => status,
        () => 'refused',
      );
      expect([503, 'refused']).toContain(late);
      inside.release();
      await expect(answer).resolves.toEqual({ data: { slow: 'done' } });
      await stopped;
      await other.dispose();
    },
  );

  it('waits neither for clients that have gone before their answer, nor for connections that have sent nothing', async () => {
    const leaving = await startTestApi();
    const before = inside.started;
    const gone = new AbortController();
    const answer = fetch(`${leaving.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ slow }' }),
      signal: gone.signal,
    }).catch(() => 'aborted');
    while (inside.started === before) await sleep(5);
    gone.abort();
    await expect(answer).resolves.toBe('aborted');
    const spare = net.connect(Number(new URL(leaving.url).port), '127.0.0.1');
    await new Promise((resolve) => spare.once('connect', resolve));
    const closed = new Promise((resolve) => spare.once('close', resolve).once('error', resolve));
    await sleep(50);
    const startedAt = performance.now();
    await leaving.stop(10_000);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await closed;
    inside.release();
  });

  it('waits no longer than the grace', async () => {
    const leaving = await startTestApi();
    const before = inside.started;
    const answer = fetch(`${leaving.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ slow }' }),
    });
    answer.catch(() => undefined);
    while (inside.started === before) await sleep(5);
    const startedAt = performance.now();
    await leaving.stop(200);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    inside.release();
    await expect(answer).rejects.toThrow();
  });
});
