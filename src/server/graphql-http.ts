import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { DomainError } from '../errors';
import type { Logger } from '../logger';
import type { Context, Services } from '../schema/context';
import type { Authenticate, Identity } from './authentication';
import { EXECUTION_OPTIONS, LIMIT_RULES, PARSE_OPTIONS, VALIDATION_OPTIONS } from './limits';
import type { OperationObserver } from './observe-operations';
import { toPublicError } from './public-error';

export const GRAPHQL_PATH = '/graphql';

export interface GraphqlOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  readonly authenticate: Authenticate;
  readonly observer: OperationObserver;
  readonly logger: Logger;
}

/** Puts POST /graphql on the server. @returns what ends Apollo, to be called when no request is under way any more */
export async function serveGraphqlOverHttp(
  app: FastifyInstance,
  options: GraphqlOptions,
): Promise<() => Promise<void>> {
  /** Errors are formatted without their context, so they are remembered with their request from the moment they appear. */
  const requestIds = new WeakMap<object, string>();
  const apollo = new ApolloServer<Context>({
    schema: options.schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    // Introspection is public, so there is nothing to hide in "Did you mean …".
    hideSchemaDetailsFromClientErrors: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: PARSE_OPTIONS,
    validationRules: [...LIMIT_RULES],
    validationOptions: VALIDATION_OPTIONS,
    executionOptions: EXECUTION_OPTIONS,
    formatError: (_formatted, error) => toPublicError(error, requestIds.get(error as object) ?? 'unknown').error,
    stringifyResult: JSON.stringify,
    logger: options.logger,
    plugins: [observeHttp(options.observer, requestIds), refuseSubscriptions],
  });
  await apollo.start();

  const identities = new WeakMap<FastifyRequest, Identity>();
  const handler = fastifyApolloHandler(apollo, {
    context: async (request, reply) => ({
      // onRequest has put it there, or answered by itself.
      actor: identities.get(request) as Identity,
      requestId: request.id,
      services: options.services,
      loaders: new Map(),
      signal: abortedWhenGone(reply),
    }),
  });
  // Before the body is read: what strangers send is not worth parsing.
  const onRequest: onRequestAsyncHookHandler = async (request, reply) => {
    try {
      identities.set(request, await options.authenticate(request.headers.authorization, request.id));
      return undefined;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      options.observer.errors([error], request.id, null);
      const body = { errors: [toPublicError(error, request.id).error] };
      return reply.code(401).header('www-authenticate', 'Bearer').send(body);
    }
  };
  app.post(GRAPHQL_PATH, { onRequest }, handler);
  app.get(GRAPHQL_PATH, async (_request, reply) =>
    reply.code(405).header('allow', 'POST').send(problem('Send operations by POST, or open /playground in a browser.')),
  );
  return () => apollo.stop();
}

/** The body of an answer to a request that did not get as far as GraphQL. */
export const problem = (message: string) => ({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });

function abortedWhenGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

const observeHttp = (
  observer: OperationObserver,
  requestIds: WeakMap<object, string>,
): ApolloServerPlugin<Context> => ({
  requestDidStart: async ({ contextValue: { requestId, actor } }) => {
    const startedAt = performance.now();
    let errorCodes: string[] = [];
    return {
      didEncounterErrors: async ({ errors, operationName }) => {
        for (const error of errors) requestIds.set(error, requestId);
        errorCodes = observer.errors(errors, requestId, operationName ?? null);
      },
      willSendResponse: async ({ operation, operationName }) => {
        const type = operation?.operation ?? 'invalid';
        // A document that is no good may carry any name, also one that nobody wrote on purpose.
        const name = operation ? (operationName ?? null) : null;
        observer.answered({ requestId, transport: 'http', type, name, actor: actor.name }, startedAt, errorCodes);
      },
    };
  },
});

const refuseSubscriptions: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== 'subscription') return;
      throw new GraphQLError('Subscriptions go over WebSocket: same address, subprotocol graphql-transport-ws.', {
        extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
      });
    },
  }),
};
