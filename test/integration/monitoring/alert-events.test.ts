import 'reflect-metadata';
import { type ExecutionResult, graphql, parse, subscribe } from 'graphql';
import { createLogger } from '../../../src/logger';
import type { Context, Services } from '../../../src/schema/context';
import { toGlobalId } from '../../../src/schema/global-id';
import { buildApiSchema } from '../../../src/server/build-schema';
import type { EventStream } from '../../../src/services/events';
import { WebhookDispatcher, WebhookService } from '../../../src/services/webhooks';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { until } from '../../support/until';
import { WebhookReceiver } from '../../support/webhook-receiver';
import { EventBench } from '../events/event-bench';
import { AlertedModel } from './alert-fixture';

const schema = buildApiSchema();
const ERRORS = { errorRatio: { threshold: 0.1, minimumRows: 1 }, windowSeconds: 60 } as const;
let operation: OperationFixture;
let bench: EventBench;
let stream: EventStream;
beforeAll(async () => {
  operation = await OperationFixture.open();
  bench = new EventBench(operation.features.database);
  bench.startRelay();
  stream = await bench.startStream();
});
afterAll(async () => {
  await bench.stop();
  await operation.close();
});

/** A context as a request or an event gets it. */
function context(): Context {
  const { alerts, alertRules, alertMutes, models, driftReports } = operation;
  const services: Partial<Services> = { events: stream, alerts, alertRules, alertMutes, models, driftReports };
  return {
    actor: ENGINEER,
    requestId: 'r1',
    services: services as Services,
    loaders: new Map(),
    signal: new AbortController().signal,
  };
}

type Delivered = {
  readonly cursor: string;
  readonly event: { readonly change: string; readonly alert: { readonly id: string } };
};

/** Listens as a client does. @returns what it hears, so many */
async function hear(field: 'alertChanged' | 'driftAlerts', model: string, after: string | null, count: number) {
  const document = parse(`subscription ($model: String, $after: String) {
    ${field}(model: $model, after: $after) { cursor event { change alert { id kind status muted } } }
  }`);
  const variableValues = { model, after };
  const answer = await subscribe({ schema, document, variableValues, contextValue: context() });
  if (!(Symbol.asyncIterator in answer)) throw new Error(JSON.stringify(answer));
  const iterator = answer as AsyncGenerator<ExecutionResult>;
  const heard: Delivered[] = [];
  while (heard.length < count) {
    const { value } = (await iterator.next()) as { value: ExecutionResult };
    if (value.errors) throw value.errors[0];
    heard.push((value.data as Record<string, Delivered>)[field]);
  }
  await iterator.return(undefined);
  return heard;
}

const changes = (heard: readonly Delivered[]) => heard.map(({ event }) => event.change);
/** Before everything. */
const START = async () => (await stream.list({ after: null, types: ['MODEL_VERSION_REGISTERED'], first: 1 }))[0].cursor;

/** Raises an alert, resolves it by hand, and has it reopened by its rule and then resolved and reopened by a person. */
async function life(name: string) {
  const model = await AlertedModel.inProduction(operation, name);
  await model.set({ ...ERRORS, reopenWithinSeconds: 30 * 86_400 });
  const fail = async (minute: number) => {
    await model.serve(minute, 0, 5);
    await model.judge(minute);
  };
  await fail(0);
  const handle = async (by: 'resolve' | 'reopen' | 'acknowledge') => {
    const [{ id, revision }] = await model.alerts();
    return operation.alerts[by]({ id, revision }, ENGINEER);
  };
  await handle('acknowledge');
  await handle('resolve');
  await fail(1);
  await handle('resolve');
  await handle('reopen');
  return model;
}
const LIFE = ['RAISED', 'ACKNOWLEDGED', 'RESOLVED', 'REOPENED', 'RESOLVED', 'REOPENED'];

describe('alertChanged', () => {
  it('tells all that happens to an alert, in order, and resumes behind any cursor, once', async () => {
    const model = await life('alive');
    const all = await hear('alertChanged', 'alive', await START(), LIFE.length);
    expect(changes(all)).toEqual(LIFE);
    const [{ id }] = await model.alerts();
    expect(new Set(all.map(({ event }) => event.alert.id))).toEqual(new Set([toGlobalId('Alert', id)]));
    for (const [index, { cursor }] of all.slice(0, -1).entries())
      expect(await hear('alertChanged', 'alive', cursor, LIFE.length - index - 1)).toEqual(all.slice(index + 1));
  });

  it('goes live behind what was missed; driftAlerts tells of drift only', async () => {
    const model = await life('living');
    const [first] = await hear('alertChanged', 'living', await START(), 1);
    const hearing = hear('alertChanged', 'living', first.cursor, LIFE.length);
    const drift = hear('driftAlerts', 'living', first.cursor, 1);
    const [{ id, revision }] = await model.alerts();
    await operation.alerts.resolve({ id, revision }, ENGINEER);
    expect(changes(await hearing)).toEqual([...LIFE.slice(1), 'RESOLVED']);
    await operation.dataSource.query(
      `INSERT INTO outbox_events (type, model_id, payload, actor, request_id)
       VALUES ('ALERT_CHANGED', $1, jsonb_build_object('alertId', $2::text, 'change', 'RAISED', 'kind', 'DRIFT'), 'ada', 'r1')`,
      [model.model.id, id],
    );
    expect(changes(await drift)).toEqual(['RAISED']);
  });
});

describe('A webhook', () => {
  it('is told of every change of an alert with the id of its event, also after it was away', async () => {
    const receiver = await WebhookReceiver.start();
    const { dataSource, features } = operation;
    const sending = { audit: features.audit, keys: [], allowPrivate: true };
    const webhooks = new WebhookService({ dataSource, ...sending });
    const consumers = bench.consumers(stream);
    const logger = createLogger('silent');
    const dispatcher = new WebhookDispatcher({ dataSource, consumers, logger, ...sending, paceForTests: 0.01 });
    await consumers.start();
    dispatcher.start();
    try {
      receiver.answers.push({ status: 500 });
      const hook = { url: `${receiver.url}/hook`, eventTypes: ['ALERT_CHANGED' as const], model: null };
      await webhooks.create(hook, { name: 'root', roles: ['ADMIN'], requestId: 'r9' });
      const model = await life('hooked');
      const ids = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id']));
      await until('messages', () => ids().size >= LIFE.length && receiver.received.length > LIFE.length);
      const bodies = receiver.received.map(({ headers, body }) => {
        const message = JSON.parse(body) as { id: string; payload: { change: string; kind: string; alertId: string } };
        expect(headers['webhook-id']).toBe(message.id);
        return message;
      });
      const byId = new Map(bodies.map((message) => [message.id, message]));
      // One at least came twice, since the first answer to it was no.
      expect(byId.size).toBe(LIFE.length);
      expect([...byId.values()].map(({ payload }) => payload.change).sort()).toEqual([...LIFE].sort());
      const [{ id }] = await model.alerts();
      for (const { payload } of bodies) expect(payload).toMatchObject({ kind: 'ERROR_RATIO', alertId: id });
    } finally {
      await dispatcher.stop();
      await consumers.stop();
      await receiver.close();
    }
  });
});

describe('The API of rules and mutes', () => {
  const ask = async (source: string, variableValues: Record<string, unknown> = {}) => {
    const { data, errors } = await graphql({ schema, source, variableValues, contextValue: context() });
    expect(errors).toBeUndefined();
    return JSON.parse(JSON.stringify(data)) as Record<string, Record<string, Record<string, unknown>>>;
  };

  it('makes, shows and deletes a rule, and shows what came of it', async () => {
    const model = await AlertedModel.inProduction(operation, 'asked');
    const set = `mutation { setAlertRule(input: { model: "asked", name: "p95", latency: { quantile: 0.95, thresholdMs: 100 },
      windowSeconds: 60, confirmation: { required: 2, of: 3 } }) {
      alertRule { id name kind severity windowSeconds confirmation { required of } latency { quantile thresholdMs minimumRequests } volume { below } revision }
      userErrors { message } } }`;
    const { setAlertRule } = await ask(set);
    expect(setAlertRule).toMatchObject({
      alertRule: {
        kind: 'LATENCY',
        severity: 'WARNING',
        confirmation: { required: 2, of: 3 },
        latency: { quantile: 0.95, thresholdMs: 100, minimumRequests: 20 },
        volume: null,
        revision: 1,
      },
      userErrors: [],
    });
    expect((await ask(set)).setAlertRule).toMatchObject({
      alertRule: null,
      userErrors: [{ message: expect.stringMatching(/you have revision 0, it is at 1/) as unknown }],
    });
    await model.judge(0);
    const { alertEvaluations, alertRules } = await ask(
      `query ($rule: ID!) { alertRules(model: "asked") { name } alertEvaluations(rule: $rule, first: 1) { nodes { outcome reason alert { id } } } }`,
      { rule: setAlertRule.alertRule.id },
    );
    expect(alertRules).toEqual([{ name: 'p95' }]);
    const reason = '0 requests answered; the rule needs 20.';
    expect(alertEvaluations.nodes).toEqual([{ outcome: 'NOT_EVALUABLE', reason, alert: null }]);
    const { deleteAlertRule } = await ask(
      `mutation ($id: ID!) { deleteAlertRule(input: { id: $id, revision: 1 }) { alertRule { deletedAt } userErrors { message } } }`,
      { id: setAlertRule.alertRule.id },
    );
    expect(deleteAlertRule.alertRule.deletedAt).not.toBeNull();
  });

  it('shows of an alert its rule, its finding and whether it is muted', async () => {
    const model = await AlertedModel.inProduction(operation, 'shown');
    const to = model.at(60).toISOString();
    const { muteAlerts } = await ask(
      `mutation ($to: DateTime!) { muteAlerts(input: { model: "shown", to: $to, reason: "maintenance" }) { alertMute { id kinds reason } userErrors { message } } }`,
      { to },
    );
    expect(muteAlerts.alertMute).toMatchObject({ kinds: null, reason: 'maintenance' });
    await model.set(ERRORS);
    await model.serve(0, 5, 5);
    await model.judge(0);
    const { alerts } = await ask(
      `{ alerts(model: "shown", first: 5) { nodes { muted rule { name errorRatio { threshold } } finding { value threshold windowEnd } driftReport { id } } } }`,
    );
    const finding = { value: 0.5, threshold: 0.1, windowEnd: model.at(1).toISOString() };
    const rule = { name: 'rule', errorRatio: { threshold: 0.1 } };
    expect(alerts.nodes).toEqual([{ muted: true, rule, finding, driftReport: null }]);
    const { unmuteAlerts } = await ask(
      `mutation ($id: ID!) { unmuteAlerts(input: { id: $id }) { alertMute { endedBy } userErrors { message } } }`,
      { id: muteAlerts.alertMute.id },
    );
    expect(unmuteAlerts.alertMute).toEqual({ endedBy: 'ada' });
  });
});
