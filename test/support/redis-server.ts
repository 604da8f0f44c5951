import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Cluster, type Redis } from 'ioredis';
import { RedisConnection } from '../../src/services/features';
import { guardCleanup } from './cleanup-guard';
import { freePort } from './free-port';
import { until } from './until';

/** Whether there is a redis-server to start; Debian's package is called so. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer {
  readonly urls: readonly string[];
  readonly client: Redis | Cluster;
  /** Ends the client and the servers. */
  stop(): Promise<void>;
}

const ALL_SLOTS = 16_384;

/** A server of its own, which keeps nothing on disk and cannot outlive the test process. */
export async function startRedis(): Promise<RedisServer> {
  const node = await startNode([]);
  const client = clientOf(node.url);
  await until('Redis', () => succeeds(() => client.ping()));
  return serverOf([node], client);
}

/** A cluster of two nodes, each with half of the slots. */
export async function startRedisCluster(): Promise<RedisServer> {
  const nodes = [];
  for (const from of [0, ALL_SLOTS / 2]) {
    const busPort = await freePort();
    const node = await startNode(['--cluster-enabled', 'yes', '--cluster-port', String(busPort)]);
    const admin = clientOf(node.url) as Redis;
    await until('Redis', () => succeeds(() => admin.ping()));
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', from, from + ALL_SLOTS / 2 - 1);
    nodes.push({ ...node, busPort, admin });
  }
  const [{ port, busPort }, second] = nodes;
  await second.admin.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  for (const { admin } of nodes) {
    await until('cluster', async () => /cluster_state:ok[^]*cluster_known_nodes:2/.test(await admin.cluster('INFO')));
    admin.disconnect();
  }
  const client = clientOf(...nodes.map(({ url }) => url));
  await until('cluster', () => succeeds(() => client.set('probe', '1')));
  return serverOf(nodes, client);
}

const clientOf = (...urls: string[]) => new RedisConnection(urls, () => undefined).redis;

interface Node {
  readonly url: string;
  readonly port: number;
  end(): Promise<void>;
}

async function startNode(options: readonly string[]): Promise<Node> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'mooring-redis-'));
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', directory];
  const child = spawn('redis-server', [...args, ...options], { detached: true, stdio: 'ignore' });
  const guard = guardCleanup(directory, { pid: -(child.pid ?? 0) });
  return { url: `redis://127.0.0.1:${port}`, port, end: () => guard.cleanUp() };
}

const serverOf = (nodes: readonly Node[], client: Redis | Cluster): RedisServer => ({
  urls: nodes.map(({ url }) => url),
  client,
  async stop() {
    client.disconnect();
    for (const node of nodes) await node.end();
  },
});

const succeeds = async (command: () => Promise<unknown>): Promise<boolean> => {
  try {
    await command();
    return true;
  } catch {
    return false;
  }
};
