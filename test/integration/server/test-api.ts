import { setTimeout as sleep } from 'node:timers/promises';
import {
  Arg,
  Ctx,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { type Config, readConfig } from '../../../src/config';
import { Forbidden, InvalidInput, ListenerTooSlow, Unauthenticated } from '../../../src/errors';
import { createLogger } from '../../../src/logger';
import type { Context, Services } from '../../../src/schema/context';
import { defineLoader } from '../../../src/schema/define-loader';
import { nullable } from '../../../src/schema/nullable';
import { MutationPayload } from '../../../src/schema/user-error';
import { buildApiSchema } from '../../../src/server/build-schema';
import { HttpServer } from '../../../src/server/http-server';
import { Metrics } from '../../../src/server/metrics';
import type { ReadinessCheck } from '../../../src/server/operations-routes';

/** What must never be seen outside. */
export const SECRET = 'password hunter2';

/** What GraphQL answers, as far as the tests look at it. */
export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly AnsweredError[];
}
export interface AnsweredError {
  readonly message: string;
  readonly extensions: Record<string, unknown>;
}

export const codesOf = (errors: readonly AnsweredError[] | undefined): unknown[] =>
  (errors ?? []).map(({ extensions }) => extensions.code);

/** What the tests set and see of the resolvers' inside. */
export const inside = {
  release: (): void => undefined,
  started: 0,
  aborted: 0,
  subscribersEnded: 0,
  revoked: new Set<string>(),
};

@ObjectType({ description: 'Holds itself.' })
class Thing {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => Thing, nullable('Itself.'))
  thing?: Thing;
}

@ObjectType({ description: 'What was renamed.' })
class RenamePayload extends MutationPayload {
  @Field(() => String, nullable('The new name.'))
  name?: string;
}

@InputType({ description: 'A name.' })
class RenameInput {
  @Field(() => String, { description: 'The new name.' })
  name!: string;
}

/** Counts how often a value was loaded over all operations. */
let loads = 0;
const loadedBy = defineLoader(
  async (_ctx, keys) => keys.map((key) => ({ key, load: (loads += 1) })),
  ({ key }) => key,
);

@Resolver()
class TestResolver {
  @Query(() => String, { description: 'Who asks.' })
  whoAmI(@Ctx() ctx: Context): string {
    return ctx.actor.name;
  }

  @Query(() => Thing, { description: 'A thing.' })
  thing(): Thing {
    const thing: Thing = { id: '1' };
    thing.thing = thing;
    return thing;
  }

  @Query(() => Int, { description: 'The length of a text.' })
  lengthOf(@Arg('text', () => String, { description: 'The text.' }) text: string): number {
    return text.length;
  }

  @Query(() => String, nullable('A fault.'))
  fault(): string {
    throw new Error(SECRET);
  }

  @Query(() => String, nullable('A refusal.'))
  refusal(@Ctx() { actor }: Context): string {
    throw new Forbidden(actor.name, 'read', ['ADMIN']);
  }

  @Query(() => String, { description: 'Waits to be released.' })
  async slow(@Ctx() { signal }: Context): Promise<string> {
    inside.started += 1;
    signal.addEventListener('abort', () => (inside.aborted += 1));
    await new Promise<void>((resolve) => (inside.release = resolve));
    return 'done';
  }

  @Mutation(() => RenamePayload, { description: 'Renames.' })
  rename(@Arg('input', () => RenameInput) { name }: RenameInput) {
    if (name === '') throw new InvalidInput('input.name', 'must not be empty');
    if (name === 'fault') throw new Error(SECRET);
    return { name };
  }

  @Subscription(() => Int, { description: 'Loads the same key for each of three events.', subscribe: () => numbers(3) })
  async loads(@Root() _event: number, @Ctx() ctx: Context): Promise<number> {
    await loadedBy(ctx).load('same');
    return (await loadedBy(ctx).load('same'))?.load ?? 0;
  }

  @Subscription(() => Int, { description: 'One number, then silence.', subscribe: () => numbers(1, 3_600_000) })
  silence(@Root() event: number): number {
    return event;
  }

  @Subscription(() => Int, { description: 'Fails on its second event.', subscribe: () => numbers(3) })
  faultyEvent(@Root() event: number): number {
    if (event === 2) throw new Error(SECRET);
    return event;
  }

  @Subscription(() => Int, {
    description: 'A source that breaks after one event.',
    subscribe: async function* () {
      yield 1;
      throw new Error(SECRET);
    },
  })
  brokenSource(@Root() event: number): number {
    return event;
  }

  @Subscription(() => Int, {
    description: 'A source that cannot be opened.',
    subscribe: () => Promise.reject(new Error(SECRET)),
  })
  closedSource(@Root() event: number): number {
    return event;
  }

  @Subscription(() => Int, {
    description: 'A source that ends its slow listener.',
    subscribe: async function* () {
      yield 1;
      throw new ListenerTooSlow('cursor-1');
    },
  })
  tooSlow(@Root() event: number): number {
    return event;
  }
}

/** 1, 2, 3 …, then a wait that a listener can end at any time, as the sources of Mooring let them. */
function numbers(count: number, thenWaitMs = 0): AsyncIterableIterator<number> {
  const ended = new AbortController();
  let given = 0;
  return {
    async next() {
      if (given < count) return { value: (given += 1), done: false };
      await sleep(thenWaitMs, undefined, { signal: ended.signal }).catch(() => undefined);
      return { value: undefined, done: true };
    },
    async return() {
      inside.subscribersEnded += 1;
      ended.abort();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const tokens = {
  async authenticate(bearer: string, requestId: string) {
    if (!bearer.startsWith('good') || inside.revoked.has(bearer)) throw new Unauthenticated('This token is not known.');
    const lifeMs = /^good-(\d+)ms$/.exec(bearer)?.[1];
    const expiresAt = lifeMs === undefined ? null : new Date(firstSeen(bearer) + Number(lifeMs));
    if (expiresAt && expiresAt <= new Date()) throw new Unauthenticated('This token has expired.');
    return { name: bearer, roles: ['ADMIN'], requestId, expiresAt };
  },
};
const seen = new Map<string, number>();
function firstSeen(bearer: string): number {
  if (!seen.has(bearer)) seen.set(bearer, Date.now());
  return seen.get(bearer)!;
}

const schema = buildApiSchema([TestResolver]);

/** The real server around resolvers that misbehave on request. */
export function startTestApi(
  environment: Record<string, string> = {},
  checks: readonly ReadinessCheck[] = [],
): Promise<HttpServer> {
  const config: Config = readConfig({ MOORING_PORT: '0', MOORING_MAX_BODY_BYTES: '1048576', ...environment });
  return HttpServer.start({
    config,
    logger: createLogger('silent'),
    schema,
    services: { tokens } as unknown as Services,
    metrics: new Metrics(),
    checks,
  });
}
