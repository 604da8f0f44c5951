import { createHmac } from 'node:crypto';
import { signingKeyOf } from './webhook-secret';

/**
 * The headers by which a receiver knows who sent a message, which it is, and when: Standard Webhooks 1.0, for which libraries exist in most languages.
 * The signature is HMAC-SHA256 over `id.timestamp.body`.
 */
export function signatureHeaders(secret: string, messageId: string, body: string, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = createHmac('sha256', signingKeyOf(secret))
    .update(`${messageId}.${timestamp}.${body}`)
    .digest('base64');
  return { 'webhook-id': messageId, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
