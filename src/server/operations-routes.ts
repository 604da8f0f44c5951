import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics';

/** One condition of readiness. @returns null when it holds, else why not */
export interface ReadinessCheck {
  readonly name: string;
  check(): Promise<string | null> | string | null;
}

const CHECK_TIMEOUT_MS = 2_000;

/** `/healthz`: the process answers. `/readyz`: it can do its work; 503 with the reasons when not. `/metrics`: for Prometheus. */
export function serveOperationsRoutes(app: FastifyInstance, metrics: Metrics, checks: readonly ReadinessCheck[]): void {
  app.get('/healthz', async () => ({ status: 'ok', service: 'mooring' }));

  app.get('/readyz', async (_request, reply) => {
    const problems = await Promise.all(checks.map(problemOf));
    const ready = problems.every((problem) => problem === null);
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ready' : 'not ready',
      checks: Object.fromEntries(checks.map(({ name }, index) => [name, problems[index] ?? 'ok'])),
    });
  });

  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

/** A check that hangs is a check that fails. */
async function problemOf(condition: ReadinessCheck): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS / 1000} s`), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([condition.check(), timeout]);
  } catch {
    // The reason may hold an address or a name; the log has it.
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
