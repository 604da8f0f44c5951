import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { type NamedKey, readConfig } from '../../src/config';
import { createLogger } from '../../src/logger';
import type { Services } from '../../src/schema/context';
import { buildApiSchema } from '../../src/server/build-schema';
import { HttpServer } from '../../src/server/http-server';
import { Metrics } from '../../src/server/metrics';
import {
  ArtifactCollector,
  ArtifactKeeper,
  ArtifactTransferService,
  FileArtifactStore,
} from '../../src/services/artifacts';
import { AuditTrail } from '../../src/services/audit';
import { TokenService } from '../../src/services/identity';
import { createTestDatabase } from './test-database';

/** Artifacts over a database and a directory of their own, and a server in front of them. */
export interface ArtifactFixture {
  readonly dataSource: DataSource;
  readonly directory: string;
  readonly audit: AuditTrail;
  readonly store: FileArtifactStore;
  readonly keeper: ArtifactKeeper;
  readonly collector: ArtifactCollector;
  readonly transfer: ArtifactTransferService;
  readonly server: HttpServer;
  /** Names of all files, those on their way in too. */
  files(): Promise<string[]>;
  /** Lets the hold of an artifact run out. */
  letGo(digest: string): Promise<void>;
  close(): Promise<void>;
}

/** Of one upload. */
export const MAX_BYTES = 4_000_000;
export const SIGNING_SECRET = 'a secret of the tests that is long enough';

export async function openArtifacts(keys: readonly NamedKey[] = []): Promise<ArtifactFixture> {
  const database = await createTestDatabase();
  const { dataSource } = database;
  const directory = await mkdtemp(path.join(os.tmpdir(), 'mooring-artifacts-'));
  const store = new FileArtifactStore(directory, keys);
  await store.open();
  const audit = new AuditTrail({ dataSource });
  const keeper = new ArtifactKeeper({ dataSource, store });
  const transfer = new ArtifactTransferService({
    dataSource,
    audit,
    store,
    keeper,
    signingSecret: SIGNING_SECRET,
    maxBytes: MAX_BYTES,
  });
  const tokens = new TokenService({ dataSource, audit });
  const server = await HttpServer.start({
    // The smallest limit of bodies that there is.
    config: readConfig({ MOORING_PORT: '0', MOORING_MAX_BODY_BYTES: '65536' }),
    logger: createLogger('silent'),
    schema: buildApiSchema(),
    services: { tokens, artifacts: transfer } as unknown as Services,
    metrics: new Metrics(),
    checks: [],
  });
  return {
    dataSource,
    directory,
    audit,
    store,
    keeper,
    collector: new ArtifactCollector({ dataSource, audit, store }),
    transfer,
    server,
    files: async () =>
      (await readdir(directory, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(({ name }) => name),
    letGo: async (digest) => {
      await dataSource.query(`UPDATE artifacts SET held_until = now() - interval '1 second' WHERE digest = $1`, [
        digest,
      ]);
    },
    async close() {
      await server.stop(1000);
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
