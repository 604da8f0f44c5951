import type { RegistryReader } from '../services/registry';
import type { Environment } from './serve';
import { withDatabase } from './with-database';

/**
 * `mooring audit verify`: recomputes hash chains, and exits with 1 when one is broken.
 * @param model its chain only; null: every model's, and the platform's
 */
export function verifyAudit(environment: Environment, model: string | null): Promise<number> {
  return withDatabase(environment, async ({ registry }) => {
    const chains = model === null ? [null, ...(await modelNames(registry))] : [model];
    let broken = 0;
    for (const name of chains) {
      const { valid, head, message } = await registry.verifyAuditTrail(name);
      if (!valid) broken += 1;
      const headNote = head === null ? '' : `  head ${head}`;
      process.stdout.write(`${valid ? 'valid ' : 'BROKEN'}  ${name ?? '(platform)'}: ${message}${headNote}\n`);
    }
    return broken === 0 ? 0 : 1;
  });
}

async function modelNames(registry: RegistryReader): Promise<string[]> {
  const names: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page = await registry.listModels({ first: 100, after });
    names.push(...page.rows.map(({ name }) => name));
    if (!page.hasNextPage) return names;
    after = page.cursors.at(-1) ?? null;
  }
}
