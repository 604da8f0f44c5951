import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { type ExecutionArgs, GraphQLError, type ParseOptions, specifiedRules, type ValidationRule } from 'graphql';
import { maxFieldsRule } from './max-fields.rule';

/** What one request may ask for, over HTTP and WebSocket alike. This is the only place that says so. */
export const LIMITS = {
  /** Levels of nesting. A Relay list takes three (connection, edges, node), so 12 is four lists deep. */
  depth: 12,
  /** Tokens of the document; the longest of the examples has 400. */
  tokens: 5_000,
  /** Fields that an answer can have when every list is as long as its `first` allows. */
  fields: 200_000,
  /** Mistakes in a document, and in its variables, that are told at once. */
  errors: 20,
  /** Operations at a time on one socket. */
  operationsPerSocket: 100,
  /** Time to say connection_init, in milliseconds. */
  connectionInitMs: 5_000,
  /** How often an open socket's right to be there is checked again, in milliseconds. */
  socketCheckMs: 60_000,
} as const;

/** A WebSocket message carries one operation, an HTTP body may carry 10,000 feature rows. */
export const maxMessageBytes = (maxBodyBytes: number): number => Math.floor(maxBodyBytes / 16);

export const PARSE_OPTIONS: ParseOptions = { maxLexicalTokens: LIMITS.tokens };
export const VALIDATION_OPTIONS = { maxErrors: LIMITS.errors };
export const EXECUTION_OPTIONS: ExecutionArgs['options'] = { maxCoercionErrors: LIMITS.errors };

const depthRule: ValidationRule = (context) => ({
  OperationDefinition(operation) {
    const rule = maxDepthRule({
      n: LIMITS.depth,
      flattenFragments: true,
      propagateOnRejection: false,
      onReject: [
        (_context, { message }) => {
          // Armor's own error calls itself a syntax error and points nowhere.
          context.reportError(new GraphQLError(message.replace('Syntax Error: ', ''), { nodes: operation }));
        },
      ],
    });
    rule(context).onOperationDefinitionEnter(operation);
  },
});

export const LIMIT_RULES: readonly ValidationRule[] = [depthRule, maxFieldsRule(LIMITS.fields)];

/** All rules, for the transport that does not add GraphQL's own by itself. */
export const VALIDATION_RULES: readonly ValidationRule[] = [...specifiedRules, ...LIMIT_RULES];
