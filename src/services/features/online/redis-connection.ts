import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** Longer than any answer takes that a prediction could wait for. */
const COMMAND_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** What ioredis says where only its 'error' event knows why. */
const REASON_IS_ELSEWHERE = /max retries per request|Connection is closed/i;

/** Commands of one turn of the event loop travel together; one whose connection breaks is tried once more. */
const OPTIONS: RedisOptions = {
  lazyConnect: true,
  enableAutoPipelining: true,
  maxRetriesPerRequest: 1,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
};

/** A connection to Redis, or to a cluster where there are several addresses. It must be there at the start, and comes back by itself later. */
export class RedisConnection {
  readonly redis: Redis | Cluster;
  private lastProblem: Error | null = null;

  /**
   * @param urls redis:// or rediss:// (TLS); of a cluster: some of its nodes, with the same user, password and protocol
   * @param onProblem told of every connection that fails
   */
  constructor(
    private readonly urls: readonly string[],
    onProblem: (error: Error) => void,
  ) {
    this.redis = clientOf(urls).on('error', (error: Error) => {
      this.lastProblem = error;
      onProblem(error);
    });
  }

  /** @throws Error with a message for the terminal when Redis does not answer */
  async start(): Promise<void> {
    try {
      await this.redis.ping();
    } catch (error) {
      this.redis.disconnect();
      const { message } = error as Error;
      const reason = (REASON_IS_ELSEWHERE.test(message) && this.lastProblem?.message) || message;
      const hosts = this.urls.map((url) => new URL(url).host).join(', ');
      throw new Error(
        `Redis at ${hosts} cannot be used: ${reason}. Start it or correct REDIS_URL; without REDIS_URL online features are kept in PostgreSQL.`,
        { cause: error },
      );
    }
  }

  async stop(): Promise<void> {
    await this.redis.quit();
  }
}

function clientOf(urls: readonly string[]): Redis | Cluster {
  const [url] = urls;
  if (urls.length === 1) return new Redis(url, OPTIONS);
  const { username, password, protocol } = new URL(url);
  const { lazyConnect, enableAutoPipelining, ...ofEachNode } = OPTIONS;
  const redisOptions: RedisOptions = {
    ...ofEachNode,
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
    tls: protocol === 'rediss:' ? {} : undefined,
  };
  return new Cluster([...urls], { lazyConnect, enableAutoPipelining, redisOptions });
}
