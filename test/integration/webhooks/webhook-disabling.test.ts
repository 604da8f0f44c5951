import { AuditEntry } from '../../../src/entities';
import { until } from '../../support/until';
import { webhookAdmin, WebhookFixture } from '../../support/webhook-fixture';

let fixture: WebhookFixture;
beforeEach(async () => {
  fixture = await WebhookFixture.open();
});
afterEach(() => fixture.close());

const webhookOf = async (id: string) => (await fixture.webhooks.find([id]))[0];
const isOff = (id: string) => until('end of the webhook', async () => !(await webhookOf(id)).active);
const query = (sql: string, parameters: unknown[]) => fixture.registry.dataSource.query(sql, parameters);
const failingFor = (id: string, days: number) =>
  query('UPDATE webhooks SET failing_since = now() - make_interval(days => $2) WHERE id = $1', [id, days]);

/** A message whose next attempt is the last that is made. */
const atItsLastAttempt = (id: string, messageId: string) =>
  query(
    `INSERT INTO webhook_deliveries (webhook_id, message_id, event_type, body, attempt) VALUES ($1, $2, 'DATASET_READY', '{"payload":{}}', 9)`,
    [id, messageId],
  );
const ended = (id: string, messageId: string) =>
  until(`end of ${messageId}`, async () =>
    (await fixture.deliveriesOf(id)).some((row) => row.messageId === messageId && row.finishedAt !== null),
  );

describe('A webhook whose receiver fails for good', () => {
  it('is switched off at once by 410 Gone, with reason, time and an audit entry', async () => {
    const { webhook } = await fixture.create();
    fixture.receiver.answers.push({ status: 410 });
    await fixture.happen('lost');
    await isOff(webhook.id);
    expect(await webhookOf(webhook.id)).toMatchObject({
      disabledAt: expect.any(Date) as unknown,
      disabledReason: 'The receiver answered 410 Gone: it wants no more messages.',
      revision: 2,
    });
    const [entry] = await fixture.registry.dataSource.manager.findBy(AuditEntry, { action: 'webhook.disable' });
    expect(entry).toMatchObject({
      actor: 'system:webhooks',
      subject: `Webhook:${webhook.id}`,
      details: { url: webhook.url, reason: expect.stringContaining('410') as unknown },
    });
    await expect(fixture.registry.audit.verify(null)).resolves.toMatchObject({ valid: true });
  });

  it('gets nothing new while it is off, and everything from when somebody switches it on again', async () => {
    const { webhook } = await fixture.create();
    const { webhook: witness } = await fixture.create();
    await query('UPDATE webhooks SET url = url || $2 WHERE id = $1', [witness.id, '/witness']);
    await query(`UPDATE webhooks SET active = false, disabled_at = now(), disabled_reason = 'tests' WHERE id = $1`, [
      webhook.id,
    ]);
    await fixture.happen('meanwhile');
    await until('the other to be told', async () => (await fixture.deliveriesOf(witness.id)).length === 1);
    expect(await fixture.deliveriesOf(webhook.id)).toEqual([]);
    const on = await fixture.webhooks.update({ id: webhook.id, revision: 1, active: true }, webhookAdmin);
    expect(on.webhook).toMatchObject({ active: true, disabledAt: null, disabledReason: null, failingSince: null });
    await fixture.happen('afterwards');
    await until('what comes after', async () => (await fixture.deliveriesOf(webhook.id)).length === 1);
    await fixture.settled(webhook.id, 'DELIVERED');
  });

  it('is switched off when a message is given up after every attempt of five days has failed', async () => {
    const { webhook } = await fixture.create();
    fixture.receiver.answers.push({ status: 500 }, { status: 500 });
    await failingFor(webhook.id, 4);
    await atItsLastAttempt(webhook.id, 'fourth day');
    await ended(webhook.id, 'fourth day');
    expect(await webhookOf(webhook.id)).toMatchObject({ active: true, disabledAt: null });
    await failingFor(webhook.id, 5);
    await atItsLastAttempt(webhook.id, 'fifth day');
    await isOff(webhook.id);
    const { disabledReason } = await webhookOf(webhook.id);
    expect(disabledReason).toMatch(/^Every attempt since \d{4}-.*Z has failed; the last one: it answered 500\.$/);
  });

  it('is left on by a failure that is tried again, however long the receiver has been failing', async () => {
    const { webhook } = await fixture.create();
    await failingFor(webhook.id, 30);
    fixture.receiver.answers.push({ status: 503, headers: { 'retry-after': '3600' } });
    await fixture.happen('first for a month');
    await until('note', async () => (await fixture.deliveriesOf(webhook.id))[0]?.responseStatus === 503);
    expect(await webhookOf(webhook.id)).toMatchObject({ active: true });
  });

  it('counts from the first failure after the last success', async () => {
    const { webhook } = await fixture.create();
    const since = async () => (await webhookOf(webhook.id)).failingSince;
    fixture.receiver.answers.push({ status: 500 });
    await fixture.happen('twice');
    await fixture.arrived(1);
    await fixture.settled(webhook.id, 'DELIVERED');
    expect(await since()).toBeNull();
    fixture.receiver.answers.push({ status: 503, headers: { 'retry-after': '3600' } });
    await fixture.happen('failing');
    await until('note of the failure', async () => (await since()) !== null);
    const { url } = webhook;
    await fixture.webhooks.update({ id: webhook.id, revision: 1, url: `${url}/new` }, webhookAdmin);
    expect(await since()).toBeNull();
  });

  it('is not switched off by what its former address answers', async () => {
    const { webhook } = await fixture.create();
    await query('UPDATE webhooks SET active = false WHERE id = $1', [webhook.id]);
    const { id } = await fixture.webhooks.test(webhook.id, webhookAdmin);
    const record = fixture.record();
    const gone = { status: 410, retryAfter: null, error: 'it answered 410' };
    await fixture.webhooks.update({ id: webhook.id, revision: 1, url: `${webhook.url}/new` }, webhookAdmin);
    await query('UPDATE webhooks SET active = true WHERE id = $1', [webhook.id]);
    await expect(record.givenUp({ id, webhookId: webhook.id, url: webhook.url }, gone)).resolves.toBeNull();
    expect(await webhookOf(webhook.id)).toMatchObject({ active: true, failingSince: null });
  });
});
