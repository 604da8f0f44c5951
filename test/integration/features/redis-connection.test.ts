import { RedisConnection } from '../../../src/services/features';
import { freePort } from '../../support/free-port';
import { until } from '../../support/until';
import { hasRedis, startRedis } from '../../support/redis-server';

const ignore = () => undefined;
const withRedis = hasRedis() ? describe : describe.skip;

describe('The connection to Redis', () => {
  it('that cannot be made keeps the server from starting, and says what to do, without the password', async () => {
    const port = await freePort();
    const connection = new RedisConnection([`redis://:secret@127.0.0.1:${port}`], ignore);
    const refused = await connection.start().catch((error: unknown) => error as Error);
    expect(refused).toBeInstanceOf(Error);
    expect((refused as Error).message).toMatch(
      new RegExp(`^Redis at 127\\.0\\.0\\.1:${port} cannot be used: .*ECONNREFUSED.* correct REDIS_URL`),
    );
    expect((refused as Error).message).not.toContain('secret');
  });
});

withRedis('The connection to a Redis', () => {
  it('that asks for a password says so', async () => {
    const server = await startRedis();
    try {
      await server.client.config('SET', 'requirepass', 'secret');
      const connection = new RedisConnection(server.urls, ignore);
      await expect(connection.start()).rejects.toThrow(/NOAUTH/);
    } finally {
      await server.stop();
    }
  });

  it('is made, and ended, without a trace', async () => {
    const server = await startRedis();
    try {
      const connection = new RedisConnection(server.urls, ignore);
      await connection.start();
      await expect(connection.redis.ping()).resolves.toBe('PONG');
      await connection.stop();
      await until('end of the connection', () => connection.redis.status === 'end');
      await expect(connection.redis.ping()).rejects.toThrow(/closed/);
    } finally {
      await server.stop();
    }
  });
});
