import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { type Config } from '../config';
import type { Logger } from '../logger';
import type { Services } from '../schema/context';
import { serveArtifacts } from './artifact-routes';
import { serveDatasets } from './dataset-routes';
import { createAuthenticate } from './authentication';
import { problem, serveGraphqlOverHttp } from './graphql-http';
import { GraphqlWebSockets } from './graphql-websocket';
import { refusedInDevelopment } from './loopback-guard';
import type { Metrics } from './metrics';
import { OperationObserver, observeRootFields } from './observe-operations';
import { type ReadinessCheck, serveOperationsRoutes } from './operations-routes';
import { servePlayground } from './playground';
import { listenProblem } from './start-error';

const REQUEST_ID = /^[\w.:/+=-]{1,128}$/;
const IDLE_POLL_MS = 20;

export interface HttpServerOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly metrics: Metrics;
  readonly checks: readonly ReadinessCheck[];
}

/** The one port: GraphQL over HTTP and WebSocket, the playground, health and metrics. */
export class HttpServer {
  /** The one that was asked for, or that was free. */
  port = 0;
  private draining = false;

  private constructor(
    private readonly app: FastifyInstance,
    private readonly sockets: GraphqlWebSockets,
    private readonly endGraphql: () => Promise<void>,
    private readonly underWay: { count: number },
    private readonly host: string,
  ) {}

  /** @throws StartError when it cannot listen */
  static async start(options: HttpServerOptions): Promise<HttpServer> {
    const { config, logger, metrics, services } = options;
    observeRootFields(options.schema, metrics);
    const graphql = {
      schema: options.schema,
      services,
      authenticate: createAuthenticate(config.authentication, services.tokens),
      observer: new OperationObserver(logger, metrics),
      logger,
    };
    const refuse = config.authentication === 'development' ? refusedInDevelopment : () => null;

    const app = fastify({
      bodyLimit: config.maxBodyBytes,
      genReqId: ({ headers }) => {
        const given = headers['x-request-id'];
        return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
      },
    });
    const sockets = new GraphqlWebSockets(app.server, {
      ...graphql,
      metrics,
      maxBodyBytes: config.maxBodyBytes,
      refuse: ({ headers }) => refuse(headers),
    });
    const underWay = { count: 0 };
    app.addHook('onRequest', async (_request, reply) => {
      underWay.count += 1;
      // Not onResponse: a client that goes away before its answer never gets one, and a stop would wait for it the whole grace.
      reply.raw.once('close', () => (underWay.count -= 1));
    });
    observeRequests(app, logger, metrics);
    app.addHook('onRequest', async (request, reply) => {
      void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
      const refusal = refuse(request.headers);
      return refusal === null ? undefined : reply.code(403).send(problem(refusal));
    });
    answerProblems(app, logger);
    const endGraphql = await serveGraphqlOverHttp(app, graphql);
    servePlayground(app);
    await serveArtifacts(app, services, logger);
    serveDatasets(app, services, logger);

    const server = new HttpServer(app, sockets, endGraphql, underWay, config.host);
    serveOperationsRoutes(app, metrics, [
      ...options.checks,
      { name: 'accepting', check: () => (server.draining ? 'shutting down' : null) },
    ]);
    try {
      await app.listen({ host: config.host, port: config.port });
    } catch (error) {
      throw listenProblem(error, config.host, config.port) ?? error;
    }
    if (config.authentication === 'development')
      logger.warn(
        'development identity: whoever reaches this address is an administrator; MOORING_AUTH=tokens asks for tokens',
      );
    server.port = (app.server.address() as AddressInfo).port;
    return server;
  }

  /** As a browser on this machine reaches it. */
  get url(): string {
    const host = ['0.0.0.0', '::'].includes(this.host) ? '127.0.0.1' : this.host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /**
   * Takes no new work, lets what is under way finish within the grace, tells the subscriptions, and closes the port.
   * @param graceMs after which what still runs is cut off
   */
  async stop(graceMs: number): Promise<void> {
    this.draining = true;
    this.sockets.drain();
    const deadline = performance.now() + graceMs;
    // From here on Fastify answers new requests with 503; it waits for connections, so cutting those is ours.
    const closed = this.app.close();
    while (this.underWay.count + this.sockets.executing > 0 && performance.now() < deadline) await sleep(IDLE_POLL_MS);
    await this.sockets.stop();
    // Nothing is under way any more, or the time is up. Fastify closes idle connections, but Node takes one that never sent a request (browsers keep
    // such spares) for a busy one.
    const cut = setInterval(() => this.app.server.closeAllConnections(), IDLE_POLL_MS);
    await closed;
    clearInterval(cut);
    await this.endGraphql();
  }
}

function observeRequests(app: FastifyInstance, logger: Logger, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const seconds = reply.elapsedTime / 1000;
    metrics.httpRequestDuration.observe({ method: request.method, route, status_code: reply.statusCode }, seconds);
    logger.debug(
      {
        requestId: request.id,
        method: request.method,
        route,
        statusCode: reply.statusCode,
        durationMs: seconds * 1000,
      },
      'request',
    );
  });
}

/** What goes wrong before GraphQL gets to see a request. */
function answerProblems(app: FastifyInstance, logger: Logger): void {
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send(problem(`There is nothing at ${request.method} ${request.url.slice(0, 200)}.`)),
  );
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(problem(error.message));
    logger.error({ requestId: request.id, err: error }, 'fault');
    return reply.code(500).send({
      errors: [
        {
          message: `Internal error. Request ${request.id}`,
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: request.id },
        },
      ],
    });
  });
}
