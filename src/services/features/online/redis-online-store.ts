import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import type { LatestPage } from '../offline/offline-store';
import { microsOf } from '../rows/timestamp-text';
import {
  isWithinTtl,
  type OnlineHit,
  type OnlineKey,
  type OnlineStore,
  type OnlineView,
  type StoredOnlineRow,
} from './online-store';
import { packRow, RANK_BYTES, unpackRow } from './packed-row';

const STORE_ID = 'mooring:store-id';
const INSPECTED_AT_ONCE = 1000;

/**
 * Sets a row if its rank is above that of the one that is there. Byte by byte: Lua compares texts by the server's locale, and its numbers hold 53 bits.
 */
const SET_IF_NEWER = `
  local old = redis.call('GETRANGE', KEYS[1], 0, ${RANK_BYTES - 1})
  for i = 1, #old do
    local before, now = old:byte(i), ARGV[1]:byte(i)
    if now > before then break end
    if now < before or i == #old then return 0 end
  end
  redis.call('SET', KEYS[1], ARGV[1])
  return 1`;

interface Scripts {
  setIfNewer(key: string, row: Buffer): Promise<number>;
}

/** One packed value per version of a view and entity; the keys of an entity share a slot of a cluster. */
export class RedisOnlineStore implements OnlineStore {
  private readonly scripts: Scripts;

  constructor(private readonly redis: Redis | Cluster) {
    redis.defineCommand('setIfNewer', { numberOfKeys: 1, lua: SET_IF_NEWER });
    this.scripts = redis as unknown as Scripts;
  }

  /** Kept with the data: lost with it, it is another one. */
  async id(): Promise<string> {
    await this.redis.set(STORE_ID, `redis:${randomUUID()}`, 'NX');
    return (await this.redis.get(STORE_ID)) ?? '';
  }

  async write({ viewVersionId }: OnlineView, page: LatestPage): Promise<number> {
    const { eventMicros, createdMicros, ingestSequences, values } = page;
    const written = await Promise.all(
      page.entityKeys.map((entityKey, index) => {
        const version = {
          eventMicros: eventMicros[index],
          createdMicros: createdMicros[index],
          ingestSequence: ingestSequences[index],
        };
        return this.scripts.setIfNewer(keyOf(viewVersionId, entityKey), packRow(version, values[index]));
      }),
    );
    return written.reduce((sum, one) => sum + one, 0);
  }

  /** They share a slot, so that a cluster takes them in one command. */
  async erase(viewVersionIds: readonly string[], entityKey: string): Promise<number> {
    if (viewVersionIds.length === 0) return 0;
    return this.redis.del(...viewVersionIds.map((id) => keyOf(id, entityKey)));
  }

  async read(keys: readonly OnlineKey[], at: Date): Promise<(OnlineHit | null)[]> {
    const rows = await this.rowsOf(keys.map(({ view, entityKey }) => keyOf(view.viewVersionId, entityKey)));
    const atMicros = microsOf(at);
    return rows.map((row, index) => {
      if (row === null) return null;
      const { eventMicros, values } = unpackRow(row);
      return {
        eventTimestamp: new Date(Number(eventMicros / 1000n)),
        withinTtl: isWithinTtl(eventMicros, keys[index].view.ttlSeconds, atMicros),
        values,
      };
    });
  }

  /** A thousand at a time, so that others come between. */
  async inspect({ viewVersionId }: OnlineView, entityKeys: readonly string[]): Promise<(StoredOnlineRow | null)[]> {
    const found: (StoredOnlineRow | null)[] = [];
    for (let from = 0; from < entityKeys.length; from += INSPECTED_AT_ONCE) {
      const keys = entityKeys.slice(from, from + INSPECTED_AT_ONCE).map((key) => keyOf(viewVersionId, key));
      for (const row of await this.rowsOf(keys)) found.push(row && unpackRow(row));
    }
    return found;
  }

  private rowsOf(keys: readonly string[]): Promise<(Buffer | null)[]> {
    if (keys.length === 0) return Promise.resolve([]);
    // A cluster takes no command whose keys lie on several nodes; single ones are gathered by node and sent together.
    return this.redis.isCluster
      ? Promise.all(keys.map((key) => this.redis.getBuffer(key)))
      : this.redis.mgetBuffer(...keys);
  }
}

const keyOf = (viewVersionId: string, entityKey: string): string => `mooring:{${entityKey}}:${viewVersionId}`;
