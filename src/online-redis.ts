import type { Config } from './config';
import type { Logger } from './logger';
import { StartError } from './server/start-error';
import { RedisConnection } from './services/features';

/** The Redis in which online features are kept, to be started before it is used; null where none is configured. */
export function onlineRedis(
  { redisUrls }: Config,
  logger: Logger,
): {
  readonly redis: RedisConnection['redis'];
  readonly part: { start(): Promise<void>; stop(): Promise<void> };
} | null {
  if (redisUrls.length === 0) return null;
  const connection = new RedisConnection(redisUrls, (error) =>
    logger.warn({ err: error }, 'no connection to Redis; it is tried again'),
  );
  return {
    redis: connection.redis,
    part: { start: () => connection.start().catch(refuseToStart), stop: () => connection.stop() },
  };
}

function refuseToStart(error: Error): never {
  throw new StartError(error.message, { cause: error });
}
