import { readConfig } from '../../src/config';
import { createLogger } from '../../src/logger';
import type { Services } from '../../src/schema/context';
import { buildApiSchema } from '../../src/server/build-schema';
import { HttpServer } from '../../src/server/http-server';
import { Metrics } from '../../src/server/metrics';
import { TokenService } from '../../src/services/identity';
import type { RegistryFixture } from './registry-fixture';

/** A server in front of a registry, on a free port, where everybody is an administrator; whoever starts it stops it. */
export function serveRegistry(registry: RegistryFixture): Promise<HttpServer> {
  const { reader, requests, dataSource, audit, ...services } = registry;
  const tokens = new TokenService({ dataSource, audit });
  return HttpServer.start({
    config: readConfig({ MOORING_PORT: '0' }),
    logger: createLogger('silent'),
    schema: buildApiSchema(),
    services: { ...services, tokens, registry: reader, transitionRequests: requests } as unknown as Services,
    metrics: new Metrics(),
    checks: [],
  });
}
