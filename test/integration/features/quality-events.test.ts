import 'reflect-metadata';
import { type ExecutionResult, parse, subscribe } from 'graphql';
import type { Context, Services } from '../../../src/schema/context';
import { fromGlobalId } from '../../../src/schema/global-id';
import { buildApiSchema } from '../../../src/server/build-schema';
import type { EventStream } from '../../../src/services/events';
import { createLogger } from '../../../src/logger';
import { WebhookDispatcher, WebhookService } from '../../../src/services/webhooks';
import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';
import { until } from '../../support/until';
import { WebhookReceiver } from '../../support/webhook-receiver';
import { EventBench } from '../events/event-bench';

const schema = buildApiSchema();
let features: FeaturesFixture;
let events: EventBench;
let stream: EventStream;
beforeEach(async () => {
  features = await FeaturesFixture.openWithoutJobs();
  await features.defineSubscribers();
  const fields = [{ name: 'minutes', dtype: 'DOUBLE' }] as const;
  const qualityRules = [{ kind: 'ROW_COUNT', severity: 'WARN', minimum: 1 }] as const;
  for (const name of ['usage', 'other'])
    await features.views.apply({ name, entity: 'subscriber', fields, qualityRules }, ENGINEER);
  events = new EventBench(features.database);
  events.startRelay();
  stream = await events.startStream();
});
afterEach(async () => {
  await events.stop();
  await features.close();
});

interface Heard {
  readonly cursor: string;
  readonly event: { readonly id: string; readonly view: { readonly name: string } };
}

/** Listens as a client does. */
async function listen(after: string | null, view: string | null = null) {
  const services: Partial<Services> = {
    events: stream,
    featureQuality: features.quality,
    featureViews: features.views,
  };
  const signal = new AbortController().signal;
  const contextValue = (): Context => ({
    actor: ENGINEER,
    requestId: 'r1',
    services: services as Services,
    loaders: new Map(),
    signal,
  });
  const document = parse(`subscription ($after: String, $view: String) {
    featureQualityFailed(after: $after, view: $view) { cursor event { id passed blocked view { name } results { message } } }
  }`);
  const answer = await subscribe({ schema, document, variableValues: { after, view }, contextValue: contextValue() });
  if (!(Symbol.asyncIterator in answer)) throw new Error(JSON.stringify(answer));
  const iterator = answer as AsyncGenerator<ExecutionResult>;
  return {
    async next(): Promise<Heard> {
      const { value } = (await iterator.next()) as { value: ExecutionResult };
      if (value.errors) throw value.errors[0];
      return (value.data as { featureQualityFailed: Heard }).featureQualityFailed;
    },
    end: () => iterator.return(undefined),
  };
}

const idOf = ({ event }: Heard): string => fromGlobalId(event.id, 'FeatureQualityReport');

test('a listener hears of reports that fail, of its view, and resumes with what it missed', async () => {
  const first = await listen(null, 'usage');
  const hearing = first.next();
  await features.quality.run('other', ENGINEER);
  const report = await features.quality.run('usage', ENGINEER);
  const heard = await hearing;
  expect(heard.event).toMatchObject({ passed: false, blocked: false, view: { name: 'usage' } });
  expect(idOf(heard)).toBe(report.id);
  await first.end();

  const missed = await features.quality.run('usage', ENGINEER);
  const rows = [{ subscriber_id: 's', eventTimestamp: '2026-01-01' }];
  await features.ingest.ingest({ view: 'usage', rows }, ENGINEER);
  expect((await features.quality.run('usage', ENGINEER)).passed).toBe(true);
  const later = await features.quality.run('other', ENGINEER);
  const resumed = await listen(heard.cursor);
  expect([idOf(await resumed.next()), idOf(await resumed.next())]).toEqual([missed.id, later.id]);
  await resumed.end();
});

test('a webhook is told of a report that fails', async () => {
  const receiver = await WebhookReceiver.start();
  const { dataSource } = features.database;
  const admin = { name: 'root', roles: ['ADMIN'], requestId: 'r9' } as const;
  const webhooks = new WebhookService({ dataSource, audit: features.audit, keys: [], allowPrivate: true });
  const consumers = events.consumers(stream);
  const logger = createLogger('silent');
  const sending = { audit: features.audit, keys: [], allowPrivate: true, paceForTests: 0.01 };
  const dispatcher = new WebhookDispatcher({ dataSource, consumers, logger, ...sending });
  await consumers.start();
  dispatcher.start();
  try {
    const input = { url: `${receiver.url}/hook`, eventTypes: ['FEATURE_QUALITY_FAILED' as const], model: null };
    await webhooks.create(input, admin);
    const report = await features.quality.run('usage', ENGINEER);
    await until('message', () => receiver.received.length > 0);
    expect(JSON.parse(receiver.received[0].body)).toMatchObject({
      type: 'FEATURE_QUALITY_FAILED',
      actor: 'ada',
      payload: { reportId: report.id, view: 'usage' },
    });
  } finally {
    await dispatcher.stop();
    await consumers.stop();
    await receiver.close();
  }
});
