import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventType } from '../../../src/entities';
import { Forbidden, InvalidInput, NotFound, StaleRevision } from '../../../src/errors';
import { inTransaction } from '../../../src/services/database';
import { recordEvent } from '../../../src/services/events';
import { WebhookService } from '../../../src/services/webhooks';
import { engineer, type RegistryFixture } from '../../support/registry-fixture';
import { until } from '../../support/until';
import { webhookAdmin as admin, WebhookFixture } from '../../support/webhook-fixture';
import { WebhookReceiver } from '../../support/webhook-receiver';

let fixture: WebhookFixture;
let registry: RegistryFixture;
let receiver: WebhookReceiver;
let webhooks: WebhookService;

beforeEach(async () => {
  fixture = await WebhookFixture.open();
  ({ registry, receiver, webhooks } = fixture);
});
afterEach(() => fixture.close());

const create = (eventTypes?: EventType[], model?: string) => fixture.create(eventTypes, model);
const happen = (datasetId: string, modelId?: string) => fixture.happen(datasetId, modelId);
const receivedIds = () => fixture.receivedIds();
const deliveriesOf = (webhookId: string) => fixture.deliveriesOf(webhookId);
const arrived = (count: number) => fixture.arrived(count);
const settled = (webhookId: string, status: string) => fixture.settled(webhookId, status);

describe('A webhook', () => {
  it('is told of the events that it wants, once each, signed by its secret', async () => {
    const { webhook, secret } = await create();
    await happen('first');
    await inTransaction(registry.dataSource, (manager) =>
      recordEvent(manager, {
        type: 'TRAINING_RUN_FINISHED',
        modelId: null,
        payload: { trainingRunId: 'r', status: 'FAILED' },
        actor: engineer,
      }),
    );
    await happen('second');
    await arrived(2);
    await settled(webhook.id, 'DELIVERED');
    expect(receivedIds().sort()).toEqual(['first', 'second']);
    const [{ headers, body, path }] = receiver.received;
    expect(path).toBe('/hook');
    expect(JSON.parse(body)).toMatchObject({ id: headers['webhook-id'], type: 'DATASET_READY', actor: 'ada' });
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const key = Buffer.from(secret!.replace('whsec_', ''), 'base64');
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    const wrong = createHmac('sha256', Buffer.alloc(32)).update(signed).digest('base64');
    expect(headers['webhook-signature']).not.toBe(`v1,${wrong}`);
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('of one model is told of that one only', async () => {
    const { id } = await registry.models.create({ name: 'churn', taskType: 'BINARY_CLASSIFICATION' }, engineer);
    await create(['DATASET_READY'], 'churn');
    await happen('other');
    await happen('mine', id);
    await arrived(1);
    await sleep(100);
    expect(receivedIds()).toEqual(['mine']);
  });

  it('23: is tried again after two 500s, with the same id, and keeps the history', async () => {
    const { webhook } = await create();
    receiver.answers.push({ status: 500 }, { status: 500 });
    await happen('stubborn');
    await arrived(3);
    await settled(webhook.id, 'DELIVERED');
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await deliveriesOf(webhook.id)).toMatchObject([{ attempt: 3, responseStatus: 200, error: null }]);
  });

  it('23: is left alone for as long as a 429 asks with Retry-After', async () => {
    const { webhook } = await create();
    receiver.answers.push({ status: 429, headers: { 'retry-after': '3600' } });
    await happen('busy');
    await arrived(1);
    await until('note of the answer', async () => (await deliveriesOf(webhook.id))[0].responseStatus === 429);
    const [{ nextAttemptAt, status }] = await deliveriesOf(webhook.id);
    // An hour at the pace of tests.
    expect(nextAttemptAt!.getTime() - Date.now()).toBeGreaterThan(30_000);
    expect(status).toBe('PENDING');
  });

  it('that is gone is given up, and its message can be sent again by hand', async () => {
    const { webhook } = await create();
    receiver.answers.push({ status: 410 });
    await happen('lost');
    await arrived(1);
    await settled(webhook.id, 'FAILED');
    const [{ id }] = await deliveriesOf(webhook.id);
    // 410 has switched it off.
    await webhooks.update({ id: webhook.id, revision: 2, active: true }, admin);
    await webhooks.redeliver(id, admin);
    await arrived(2);
    await settled(webhook.id, 'DELIVERED');
    expect(receivedIds()).toEqual(['lost', 'lost']);
  });

  it('that hangs does not keep others from being told', async () => {
    const slow = await WebhookReceiver.start();
    slow.answers.push(...new Array<'HANG'>(20).fill('HANG'));
    await webhooks.create({ url: slow.url, eventTypes: ['DATASET_READY'] }, admin);
    await create();
    for (let index = 0; index < 10; index++) await happen(`event ${index}`);
    await arrived(10);
    expect(slow.received).toHaveLength(2);
    await slow.close();
  });

  it('hears what happened while its server was away, and what a killed server had begun', async () => {
    const { webhook } = await create();
    await fixture.stop();
    await happen('missed');
    // As a server leaves it that is killed during an attempt, once the lease has run out.
    await registry.dataSource.query(
      `INSERT INTO webhook_deliveries (webhook_id, message_id, event_type, body, attempt, next_attempt_at)
       VALUES ($1, 'begun', 'DATASET_READY', '{"payload":{"datasetId":"begun"}}', 1, now() - interval '1 s')`,
      [webhook.id],
    );
    await fixture.start();
    await arrived(2);
    expect(receivedIds().sort()).toEqual(['begun', 'missed']);
  });

  it('waits while it is inactive, and is told afterwards what was due, but not what happened meanwhile', async () => {
    const { webhook } = await create();
    receiver.answers.push({ status: 503, headers: { 'retry-after': '50' } });
    await happen('patient');
    await arrived(1);
    await webhooks.update({ id: webhook.id, revision: 1, active: false }, admin);
    await happen('not for it');
    // Past the half second that it asked for, at the pace of tests.
    await sleep(1000);
    expect(receiver.received).toHaveLength(1);
    await webhooks.update({ id: webhook.id, revision: 2, active: true }, admin);
    await arrived(2);
    await settled(webhook.id, 'DELIVERED');
    expect(receivedIds()).toEqual(['patient', 'patient']);
  });

  it('can be tested, and signs with its new secret once that was changed', async () => {
    const { webhook, secret } = await create();
    const changed = await webhooks.update({ id: webhook.id, revision: 1, rotateSecret: true }, admin);
    expect(changed.secret).not.toBe(secret);
    await webhooks.test(webhook.id, admin);
    await arrived(1);
    const [{ headers, body }] = receiver.received;
    expect(JSON.parse(body)).toMatchObject({ type: 'TEST', actor: 'root' });
    const key = Buffer.from(changed.secret!.replace('whsec_', ''), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });

  it('that is deleted is told nothing more, and is found no more', async () => {
    const { webhook } = await create();
    receiver.answers.push({ status: 503, headers: { 'retry-after': '3600' } });
    await happen('late');
    await arrived(1);
    await webhooks.delete(webhook.id, admin);
    await until('end', async () => (await deliveriesOf(webhook.id))[0].status === 'FAILED');
    expect((await deliveriesOf(webhook.id))[0].error).toBe('the webhook was deleted');
    expect(await webhooks.find([webhook.id])).toEqual([]);
    await expect(webhooks.test(webhook.id, admin)).rejects.toThrow(NotFound);
  });

  it('23: does not reach a private address that a public name stands for', async () => {
    const guarded = new WebhookService({ ...registry, allowPrivate: false, keys: [] });
    await fixture.restart({ allowPrivate: false });
    await expect(guarded.create({ url: receiver.url, eventTypes: ['DATASET_READY'] }, admin)).rejects.toThrow(
      /is in a private network/,
    );
    // A name that every machine resolves to itself, put past the check of names.
    const { webhook } = await create();
    await registry.dataSource.query('UPDATE webhooks SET url = $2 WHERE id = $1', [
      webhook.id,
      receiver.url.replace('127.0.0.1', 'localhost'),
    ]);
    await happen('secret');
    const problem = async () => (await deliveriesOf(webhook.id)).at(0)?.error ?? null;
    await until('refusal', async () => (await problem()) !== null);
    expect(await problem()).toMatch(/localhost stands for .*, which is in a private network/);
    // An address is not looked up; this one was made while the server allowed it.
    const { webhook: former } = await create();
    const { id } = await webhooks.test(former.id, admin);
    const told = async () => (await webhooks.deliveries([id]))[0].error;
    await until('refusal of the address', async () => (await told()) !== null);
    expect(await told()).toMatch(/127\.0\.0\.1, which is in a private network/);
    expect(receiver.received).toEqual([]);
  });

  it('leaves an audit entry with every change', async () => {
    const { webhook } = await create();
    await webhooks.update({ id: webhook.id, revision: 1, description: 'Chat' }, admin);
    const { id } = await webhooks.test(webhook.id, admin);
    await webhooks.redeliver(id, admin);
    await webhooks.delete(webhook.id, admin);
    const entries = await registry.dataSource.query<{ action: string; details: object }[]>(
      'SELECT action, details FROM audit_entries WHERE subject = $1 ORDER BY sequence',
      [`Webhook:${webhook.id}`],
    );
    const actions = ['create', 'update', 'test', 'redeliver', 'delete'].map((verb) => `webhook.${verb}`);
    expect(entries.map(({ action }) => action)).toEqual(actions);
    expect(JSON.stringify(entries)).not.toContain('whsec_');
  });

  it('is for administrators, at the revision that was read, of at least one type', async () => {
    const input = { url: receiver.url, eventTypes: ['DATASET_READY'] as EventType[] };
    await expect(webhooks.create(input, engineer)).rejects.toThrow(Forbidden);
    await expect(webhooks.create({ ...input, eventTypes: [] }, admin)).rejects.toThrow(InvalidInput);
    await expect(webhooks.create({ ...input, model: 'nobody' }, admin)).rejects.toThrow(NotFound);
    const { webhook } = await create();
    expect(Object.keys(webhook)).not.toContain('secret');
    await expect(webhooks.update({ id: webhook.id, revision: 9, active: false }, admin)).rejects.toThrow(StaleRevision);
    await expect(registry.audit.verify(null)).resolves.toMatchObject({ valid: true, entryCount: 1 });
  });
});
