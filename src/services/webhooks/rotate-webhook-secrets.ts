import type { DataSource } from 'typeorm';
import type { NamedKey } from '../../config';
import { isSealedWith, openSecret, sealSecret, SecretUnreadable } from './webhook-secret';

export interface SecretRotation {
  /** Stored anew, with today's key. */
  readonly rewritten: number;
  /** Stored so already. */
  readonly current: number;
  readonly failed: readonly { readonly webhookId: string; readonly problem: string }[];
}

/**
 * Stores the secret of every webhook as it would be stored today; the secrets themselves stay the same. Those that cannot be read stay as they are and
 * are reported. It can be cut off and repeated, and servers go on meanwhile.
 */
export async function rotateWebhookSecrets(dataSource: DataSource, keys: readonly NamedKey[]): Promise<SecretRotation> {
  let [rewritten, current] = [0, 0];
  const failed: { webhookId: string; problem: string }[] = [];
  const rows = await dataSource.query<{ id: string; secret: string }[]>('SELECT id, secret FROM webhooks ORDER BY id');
  for (const { id, secret: stored } of rows) {
    if (isSealedWith(stored, keys)) {
      current += 1;
      continue;
    }
    try {
      const sealed = sealSecret(openSecret(stored, id, keys), id, keys);
      // One that was replaced meanwhile is stored as it should be.
      await dataSource.query('UPDATE webhooks SET secret = $3 WHERE id = $1 AND secret = $2', [id, stored, sealed]);
      rewritten += 1;
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      failed.push({ webhookId: id, problem: error.message });
    }
  }
  return { rewritten, current, failed };
}
