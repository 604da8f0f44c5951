import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';

/** A document with the types of its answer and its variables. */
export interface Operation<Data, Variables> {
  readonly document: string;
  /** Never set: it only carries the types. */
  readonly types?: (variables: Variables) => Data;
}

export interface UserError {
  readonly code: string;
  readonly field: readonly string[] | null;
  readonly message: string;
}

export type Payload<Entity> = Entity & { readonly userErrors: readonly UserError[] };

/** What the API has refused, or could not do: one line with operation, code, field and message. */
export class ApiError extends Error {
  constructor(
    readonly operation: string,
    readonly code: string,
    readonly field: string | null,
    detail: string,
  ) {
    super(`${operation} answered ${code}${field === null ? '' : ` for ${field}`}: ${detail}`);
    this.name = 'ApiError';
  }
}

interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Mooring's API over its two doors: requests by HTTP, subscriptions by WebSocket. */
export class GraphqlClient {
  private readonly httpUrl: string;
  private readonly headers: Record<string, string>;
  private readonly webSocket: Client;

  constructor(url: string, token: string | null) {
    this.httpUrl = new URL('/graphql', url).href;
    const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    this.headers = { 'content-type': 'application/json', accept: 'application/json', ...authorization };
    this.webSocket = createClient({
      url: this.httpUrl.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: authorization,
      // Whoever subscribes knows the cursor to resume from; a silent retry would start from now.
      retryAttempts: 0,
    });
  }

  /** @throws ApiError for anything but a full answer */
  async query<Data, Variables extends object>(
    operation: Operation<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const name = operationName(operation.document);
    const answer = await this.post(name, JSON.stringify({ query: operation.document, variables }));
    const [error] = answer.errors ?? [];
    if (error) throw new ApiError(name, error.extensions?.code ?? 'UNKNOWN', null, error.message);
    return answer.data as Data;
  }

  /** Runs a mutation whose document calls its one field `payload`. @throws ApiError, also for the first of its userErrors */
  async mutate<Entity, Variables extends object>(
    operation: Operation<{ readonly payload: Payload<Entity> }, Variables>,
    variables: Variables,
  ): Promise<Payload<Entity>> {
    const { payload } = await this.query(operation, variables);
    const [error] = payload.userErrors;
    if (error)
      throw new ApiError(operationName(operation.document), error.code, error.field?.join('.') ?? null, error.message);
    return payload;
  }

  /** The events of a subscription until it ends; leaving the loop ends it. */
  subscribe<Data, Variables extends object>(
    operation: Operation<Data, Variables>,
    variables: Variables,
  ): AsyncIterableIterator<Data> {
    const results = this.webSocket.iterate<Data>({
      query: operation.document,
      variables: { ...variables } as Record<string, unknown>,
    });
    return dataOf(operationName(operation.document), results);
  }

  async close(): Promise<void> {
    await this.webSocket.dispose();
  }

  private async post(name: string, body: string): Promise<GraphqlAnswer> {
    let response: Response;
    try {
      response = await fetch(this.httpUrl, { method: 'POST', headers: this.headers, body });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new ApiError(
        name,
        'UNREACHABLE',
        null,
        `no answer from ${this.httpUrl} (${cause}). Is the server running? What was sent so far is kept: run this again.`,
      );
    }
    const text = await response.text();
    try {
      return JSON.parse(text) as GraphqlAnswer;
    } catch {
      throw new ApiError(name, `HTTP_${response.status}`, null, text.slice(0, 200) || response.statusText);
    }
  }
}

async function* dataOf<Data>(
  name: string,
  results: AsyncIterableIterator<{
    readonly data?: Data | null;
    readonly errors?: readonly { readonly message: string }[];
  }>,
): AsyncIterableIterator<Data> {
  for await (const { data, errors } of results) {
    if (errors?.[0]) throw new ApiError(name, 'SUBSCRIPTION_FAILED', null, errors[0].message);
    if (data) yield data;
  }
}

const operationName = (document: string): string =>
  /^\s*(?:query|mutation|subscription)\s+(\w+)/.exec(document)?.[1] ?? 'request';
