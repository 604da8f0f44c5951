import { createHmac, randomBytes } from 'node:crypto';
import type { NamedKey } from '../../../src/config';
import { rotateWebhookSecrets } from '../../../src/services/webhooks';
import { until } from '../../support/until';
import { webhookAdmin, WebhookFixture } from '../../support/webhook-fixture';

const NEW: NamedKey = { id: '2026-11', key: randomBytes(32) };
const OLD: NamedKey = { id: '2025-11', key: randomBytes(32) };

let fixture: WebhookFixture;
beforeEach(async () => {
  fixture = await WebhookFixture.open({ keys: [OLD] });
});
afterEach(() => fixture.close());

async function stored(webhookId: string): Promise<string> {
  const [{ secret }] = await fixture.registry.dataSource.query<[{ secret: string }]>(
    'SELECT secret FROM webhooks WHERE id = $1',
    [webhookId],
  );
  return secret;
}

/** Whether the last message that came was signed by a secret. */
function isSignedBy(secret: string): boolean {
  const { headers, body } = fixture.receiver.received.at(-1)!;
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

describe('The secret of a webhook', () => {
  it('is stored encrypted where there are keys, when it is made and when it is changed, and signs', async () => {
    const { webhook, secret } = await fixture.create();
    expect(await stored(webhook.id)).toMatch(/^sealed:2025-11:/);
    await fixture.happen('first');
    await fixture.arrived(1);
    expect(isSignedBy(secret!)).toBe(true);
    const changed = await fixture.webhooks.update({ id: webhook.id, revision: 1, rotateSecret: true }, webhookAdmin);
    expect(await stored(webhook.id)).toMatch(/^sealed:2025-11:/);
    await fixture.happen('second');
    await fixture.arrived(2);
    expect(isSignedBy(changed.secret!)).toBe(true);
  });

  it('signs on, whichever key of the ring it was encrypted with, and when it was stored before there were keys', async () => {
    const sealed = await fixture.create();
    await fixture.restart({ keys: [] });
    const plain = await fixture.create();
    expect(await stored(plain.webhook.id)).toBe(plain.secret);
    await fixture.restart({ keys: [NEW, OLD] });
    for (const [count, { webhook, secret }] of [sealed, plain].entries()) {
      await fixture.webhooks.test(webhook.id, webhookAdmin);
      await fixture.arrived(count + 1);
      expect(isSignedBy(secret!)).toBe(true);
    }
  });

  it('keeps messages waiting while its key is missing, without an attempt, and they are sent once it is back', async () => {
    const { webhook, secret } = await fixture.create();
    await fixture.restart({ keys: [NEW] });
    await fixture.happen('patient');
    await until('note, and the attempt taken back', async () => {
      const [delivery] = await fixture.deliveriesOf(webhook.id);
      return delivery?.status === 'PENDING' && delivery.attempt === 0 && /key 2025-11/.test(delivery.error ?? '');
    });
    expect(fixture.receiver.received).toEqual([]);
    await fixture.restart({ keys: [NEW, OLD] });
    await fixture.arrived(1);
    expect(isSignedBy(secret!)).toBe(true);
  });

  it('is stored anew by a rotation, after which the former key can go', async () => {
    const { dataSource } = fixture.registry;
    const sealed = await fixture.create();
    await fixture.restart({ keys: [] });
    const plain = await fixture.create();
    await expect(rotateWebhookSecrets(dataSource, [NEW])).resolves.toEqual({
      rewritten: 1,
      current: 0,
      failed: [{ webhookId: sealed.webhook.id, problem: expect.stringContaining('the key 2025-11') as unknown }],
    });
    await expect(rotateWebhookSecrets(dataSource, [NEW, OLD])).resolves.toEqual({
      rewritten: 1,
      current: 1,
      failed: [],
    });
    await fixture.restart({ keys: [NEW] });
    for (const [count, { webhook, secret }] of [sealed, plain].entries()) {
      expect(await stored(webhook.id)).toMatch(/^sealed:2026-11:/);
      await fixture.webhooks.test(webhook.id, webhookAdmin);
      await fixture.arrived(count + 1);
      expect(isSignedBy(secret!)).toBe(true);
    }
  });
});
