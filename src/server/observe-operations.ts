import type { GraphQLSchema } from 'graphql';
import type { Logger } from '../logger';
import type { Metrics } from './metrics';
import { toPublicError } from './public-error';

/** Longer than a healthy operation takes; training and the like are jobs. */
const SLOW_MS = 1_000;

export interface Operation {
  readonly requestId: string;
  readonly transport: 'http' | 'websocket';
  readonly type: string;
  readonly name: string | null;
  readonly actor: string;
}

/** What both transports tell the log and the metrics. */
export class OperationObserver {
  constructor(
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  /** An operation was answered. Subscriptions are told of when they end. */
  answered(operation: Operation, startedAt: number, errorCodes: readonly string[]): void {
    const durationMs = performance.now() - startedAt;
    this.metrics.observeOperation(operation.type, operation.name, durationMs / 1000);
    const slow = operation.type !== 'subscription' && durationMs > SLOW_MS;
    const line = {
      ...operation,
      durationMs: Math.round(durationMs * 10) / 10,
      ...(errorCodes.length > 0 ? { errorCodes } : {}),
    };
    if (slow) this.logger.warn(line, 'slow operation');
    else this.logger.info(line, 'operation');
  }

  /** Errors on their way to the client: counts them and logs the faults. @returns their codes */
  errors(errors: readonly unknown[], requestId: string, operationName: string | null): string[] {
    return errors.map((thrown) => {
      const { error, fault } = toPublicError(thrown, requestId);
      const code = String(error.extensions?.code);
      this.metrics.graphqlErrors.inc({ code });
      if (fault !== null) this.logger.error({ requestId, operationName, path: error.path, err: fault }, 'fault');
      return code;
    });
  }
}

/** Times the fields of Query and Mutation, and counts the userErrors of mutations. Timing every field would cost more than many of them do. */
export function observeRootFields(schema: GraphQLSchema, metrics: Metrics): void {
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const { resolve } = field;
      const timer = metrics.rootFieldDuration.labels({ field: `${type?.name}.${field.name}` });
      field.resolve = async (...args) => {
        const end = timer.startTimer();
        try {
          const answer: unknown = await resolve?.(...args);
          for (const { code } of userErrorsOf(answer)) metrics.graphqlErrors.inc({ code });
          return answer;
        } finally {
          end();
        }
      };
    }
  }
}

/** Only payloads of mutations have them (wrap-mutations.ts). */
const userErrorsOf = (answer: unknown): readonly { readonly code: string }[] =>
  (answer as { userErrors?: readonly { readonly code: string }[] } | null)?.userErrors ?? [];
