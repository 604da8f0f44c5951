import { until } from './until';

/** There was no whole answer: the server or the client's patience has gone. Whether the work was done is not known. */
export class NoAnswer extends Error {}

/** The server has answered, with errors. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

interface Payload {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

/** Asks a server over HTTP. @throws NoAnswer | ApiError */
export async function ask<Data>(
  url: string,
  query: string,
  variables: object = {},
  signal?: AbortSignal,
): Promise<Data> {
  let answer: Answer;
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal,
    });
    // A server that shuts down turns new requests away, with a body that is not GraphQL's.
    if (response.status === 503) throw new Error('503');
    answer = (await response.json()) as Answer;
  } catch (error) {
    throw new NoAnswer((error as Error).message, { cause: error });
  }
  const [error] = answer.errors ?? [];
  if (error) throw new ApiError(error.extensions?.code ?? 'UNKNOWN', error.message);
  return answer.data as Data;
}

/** Of mutations whose input is not called after them. */
const INPUT_TYPES: Readonly<Record<string, string>> = {
  transitionModelVersion: 'TransitionInput',
  acknowledgeAlert: 'HandleAlertInput',
  resolveAlert: 'HandleAlertInput',
};

/**
 * Runs one mutation.
 * @param selection what to answer besides the userErrors
 * @throws NoAnswer | ApiError, also for the first of the userErrors
 */
export async function mutate<Entity>(
  url: string,
  mutation: string,
  input: object,
  selection: string,
  signal?: AbortSignal,
): Promise<Entity> {
  const type = INPUT_TYPES[mutation] ?? `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const { payload } = await ask<{ payload: Payload & Entity }>(
    url,
    `mutation Test($input: ${type}!) { payload: ${mutation}(input: $input) { ${selection} userErrors { code message } } }`,
    { input },
    signal,
  );
  const [error] = payload.userErrors;
  if (error) throw new ApiError(error.code, error.message);
  return payload;
}

interface Pages<Node> {
  readonly page: { nodes: Node[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
}

/** All nodes of a list, in its order. @param filter its arguments but for first and after */
export async function allPages<Node>(url: string, list: string, filter: string, selection: string): Promise<Node[]> {
  const query = `query Test($after: String) {
    page: ${list}(first: 100, after: $after, ${filter}) { nodes { ${selection} } pageInfo { endCursor hasNextPage } }
  }`;
  const all: Node[] = [];
  let after: string | null = null;
  for (;;) {
    const { page }: Pages<Node> = await ask<Pages<Node>>(url, query, { after });
    all.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return all;
    after = page.pageInfo.endCursor;
  }
}

export interface HappenedEvent {
  readonly type: string;
  readonly cursor: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * All events, oldest first, once there are enough: they get their place a moment after the commit that they tell of.
 * @param types for example `[DATASET_READY]`; `null` for all
 */
export async function eventsOnceThereAre(count: number, url: string, types: string): Promise<HappenedEvent[]> {
  let events: HappenedEvent[] = [];
  await until(`event number ${count} of ${types}`, async () => {
    events = await allPages<HappenedEvent>(url, 'events', `types: ${types}`, 'type cursor payload');
    return events.length >= count;
  });
  return events;
}

export interface JobState {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly progressRatio: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export async function jobState(url: string, id: string): Promise<JobState> {
  const { job } = await ask<{ job: JobState }>(
    url,
    'query Test($id: ID!) { job(id: $id) { id status attempt progressRatio error { code message } } }',
    { id },
  );
  return job;
}

/** The job once it has ended, in whatever way. */
export async function endedJob(url: string, id: string): Promise<JobState> {
  let job = await jobState(url, id);
  const hasEnded = async () => {
    job = await jobState(url, id);
    return !['QUEUED', 'RUNNING'].includes(job.status);
  };
  await until(`end of job ${id}`, hasEnded, { timeoutMs: 60_000, pauseMs: 50 });
  return job;
}
