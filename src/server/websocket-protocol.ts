import { randomUUID } from 'node:crypto';
import {
  createSourceEventStream,
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  parse,
  validate,
} from 'graphql';
import { CloseCode, makeServer, type Server as ProtocolServer, type SubscribePayload } from 'graphql-ws';
import { DomainError, ShuttingDown } from '../errors';
import type { Context } from '../schema/context';
import type { Identity } from './authentication';
import { EndableStream } from './endable-stream';
import type { GraphqlOptions } from './graphql-http';
import { EXECUTION_OPTIONS, LIMITS, PARSE_OPTIONS, VALIDATION_OPTIONS, VALIDATION_RULES } from './limits';
import type { Metrics } from './metrics';
import { toPublicError } from './public-error';

/** What one socket carries along. */
export interface SocketState {
  readonly signal: AbortSignal;
  /** Ends the socket with a code and a reason that the client sees. */
  close(code: number, reason: string): void;
  /** What the client sent as connectionParams.authorization. */
  authorization: unknown;
  identity: Identity | null;
  /** To be called when identity is first known. */
  identified(): void;
  /** Request ids of the operations under way, by the client's ids. */
  readonly requestIds: Map<string, string>;
}

/** The operations of all sockets. */
export interface OpenOperations {
  readonly streams: Set<EndableStream<unknown, ExecutionResult>>;
  /** Queries and mutations that are being executed. */
  executing: number;
  draining: boolean;
}

/** The graphql-transport-ws protocol over our schema: the same rules, limits, identity and masking as over HTTP. */
export function createProtocol(
  options: GraphqlOptions & { readonly metrics: Metrics },
  open: OpenOperations,
): ProtocolServer<SocketState> {
  const { observer, metrics } = options;

  const publish = (errors: readonly GraphQLError[], requestId: string, name: string | null) => {
    observer.errors(errors, requestId, name);
    return errors.map((error) => toPublicError(error, requestId).error);
  };

  return makeServer<Record<string, unknown> | undefined, SocketState>({
    connectionInitWaitTimeout: LIMITS.connectionInitMs,

    async onConnect({ extra, connectionParams }) {
      extra.authorization = connectionParams?.authorization ?? connectionParams?.Authorization;
      try {
        extra.identity = await options.authenticate(extra.authorization, randomUUID());
        extra.identified();
        return true;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        extra.close(CloseCode.Unauthorized, error.message);
        return false;
      }
    },

    async onSubscribe({ extra, subscriptions }, id, payload) {
      const requestId = randomUUID();
      extra.requestIds.set(id, requestId);
      try {
        if (open.draining) throw new ShuttingDown();
        if (Object.keys(subscriptions).length > LIMITS.operationsPerSocket)
          return [
            requestError(`At most ${LIMITS.operationsPerSocket} operations at a time on one socket.`, 'BAD_REQUEST'),
          ];
        // Again for every operation: the token may have been revoked since.
        const actor = await options.authenticate(extra.authorization, requestId);
        const document = readDocument(options, payload);
        if (!('kind' in document)) return document;
        const contextValue: Context = {
          actor,
          requestId,
          services: options.services,
          loaders: new Map(),
          signal: extra.signal,
        };
        return {
          schema: options.schema,
          document,
          operationName: payload.operationName,
          variableValues: payload.variables,
          contextValue,
          options: EXECUTION_OPTIONS,
        };
      } catch (error) {
        return [new GraphQLError((error as Error).message, { originalError: error as Error })];
      }
    },

    async execute(args) {
      const startedAt = performance.now();
      open.executing++;
      try {
        const result = await execute(args);
        const codes = (result.errors ?? []).map((error) => toPublicError(error, '').error.extensions?.code as string);
        observer.answered(describe(args), startedAt, codes);
        return result;
      } finally {
        open.executing--;
      }
    },

    async subscribe(args) {
      const startedAt = performance.now();
      const source = await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in source)) return source;
      metrics.subscriptions.inc();
      const stream: EndableStream<unknown, ExecutionResult> = new EndableStream(
        source[Symbol.asyncIterator](),
        // Every event is an operation of its own, with loaders that have cached nothing.
        (event) =>
          execute({
            ...args,
            rootValue: event,
            contextValue: { ...(args.contextValue as Context), loaders: new Map() },
          }),
        () => {
          open.streams.delete(stream);
          metrics.subscriptions.dec();
          observer.answered(describe(args), startedAt, []);
        },
      );
      open.streams.add(stream);
      return stream;
    },

    onNext(_ctx, _id, { operationName }, args, result) {
      if (!result.errors) return undefined;
      const { requestId } = args.contextValue as Context;
      return { ...result, errors: publish(result.errors, requestId, operationName ?? null) };
    },

    onError({ extra }, id, { operationName }, errors) {
      const requestId = extra.requestIds.get(id) ?? randomUUID();
      extra.requestIds.delete(id);
      return publish(errors, requestId, operationName ?? null);
    },

    onComplete({ extra }, id) {
      extra.requestIds.delete(id);
    },
  });
}

/** Parses and validates as Apollo does over HTTP, with the same codes. @returns the document, or what is wrong with it */
function readDocument({ schema }: GraphqlOptions, payload: SubscribePayload): DocumentNode | GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(payload.query, PARSE_OPTIONS);
  } catch (error) {
    return [withCode(error as GraphQLError, 'GRAPHQL_PARSE_FAILED')];
  }
  const errors = validate(schema, document, VALIDATION_RULES, VALIDATION_OPTIONS);
  if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  if (getOperationAST(document, payload.operationName)) return document;
  return [
    requestError(
      'The document has no operation of that name, or several and none is named.',
      'OPERATION_RESOLUTION_FAILURE',
    ),
  ];
}

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    extensions: { code },
  });

const requestError = (message: string, code: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code } });

function describe(args: ExecutionArgs) {
  const operation = getOperationAST(args.document, args.operationName);
  const { requestId, actor } = args.contextValue as Context;
  return {
    requestId,
    transport: 'websocket',
    type: operation?.operation ?? 'invalid',
    name: operation?.name?.value ?? null,
    actor: actor.name,
  } as const;
}
