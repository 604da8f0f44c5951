import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { DomainError, InvalidInput } from '../errors';

const INTERNAL_ERROR = 'INTERNAL_SERVER_ERROR';

export interface PublicError {
  readonly error: GraphQLFormattedError;
  /** What was thrown, if that must not be seen: to be logged with the request id. */
  readonly fault: unknown;
}

/**
 * What a client may see of an error. DomainErrors are made to be seen, and so is what GraphQL itself says about a request (syntax, validation,
 * variables, limits). Everything else is a fault: its message may hold anything, so it is replaced, and the request id leads to the log line.
 * Both transports send every error through here.
 */
export function toPublicError(error: unknown, requestId: string): PublicError {
  const { locations, path } = error instanceof GraphQLError ? error.toJSON() : {};
  const place = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };

  const domainError = domainErrorOf(error);
  if (domainError)
    return { error: { message: domainError.message, ...place, extensions: domainError.extensions }, fault: null };

  if (isAboutTheRequest(error)) {
    const code = error.extensions.code;
    // Apollo and graphql-js leave some mistakes in arguments without a code, which then count as internal.
    const known = typeof code === 'string' && code !== INTERNAL_ERROR ? code : 'BAD_USER_INPUT';
    return { error: { message: error.message, ...place, extensions: { code: known } }, fault: null };
  }

  return {
    error: {
      message: `Internal error. Request ${requestId}`,
      ...place,
      extensions: { code: INTERNAL_ERROR, requestId },
    },
    fault: faultOf(error),
  };
}

/**
 * Whether GraphQL itself raised it over the document or its variables. Such an error points into the document and has no path in the answer;
 * one about an argument that only execution could check is wrapped once more, by an error that has both. A GraphQLError without a place comes
 * from serialization, hence from our own values, unless it is the outermost (Apollo's on the request as a whole).
 */
function isAboutTheRequest(error: unknown, wrapped = false): error is GraphQLError {
  if (!(error instanceof GraphQLError)) return false;
  if (!error.path && (error.locations || !(wrapped || error.originalError))) return true;
  return isAboutTheRequest(error.originalError, true);
}

const faultOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? faultOf(error.originalError) : error;

/** The DomainError behind an error, be it bare or inside the GraphQLError that reports where it happened. */
export function domainErrorOf(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error;
  if (isUnstorableText(error))
    return new InvalidInput(
      'input',
      'a text holds U+0000 or half of a surrogate pair, which cannot be stored; leave it out',
    );
  return error instanceof GraphQLError ? domainErrorOf(error.originalError) : null;
}

/** PostgreSQL's character_not_in_repertoire and untranslatable_character: only text that a client sent can hold such. */
const isUnstorableText = (error: unknown): boolean =>
  error instanceof Error && ['22021', '22P05'].includes((error as { code?: string }).code ?? '');
