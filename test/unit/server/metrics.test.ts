import { Metrics } from '../../../src/server/metrics';

const namesOf = async (metrics: Metrics) =>
  new Set([...(await metrics.registry.metrics()).matchAll(/operation_name="([^"]+)"/g)].map(([, name]) => name));

describe('metrics', () => {
  it('keep the number of operation names bounded, whatever clients call theirs', async () => {
    const metrics = new Metrics();
    for (let i = 0; i < 1000; i += 1) metrics.observeOperation('query', `Made${i}`, 0.01);
    const names = await namesOf(metrics);
    expect(names.size).toBe(101);
    expect(names).toContain('other');
    expect(names).toContain('Made0');
  });

  it('count operations without a name together', async () => {
    const metrics = new Metrics();
    metrics.observeOperation('query', null, 0.01);
    expect(await namesOf(metrics)).toEqual(new Set(['anonymous']));
  });

  it('have the figures that dashboards are built on', async () => {
    const text = await new Metrics().registry.metrics();
    for (const name of [
      'mooring_http_request_duration_seconds',
      'mooring_graphql_operation_duration_seconds',
      'mooring_graphql_resolver_duration_seconds',
      'mooring_graphql_errors_total',
      'mooring_graphql_subscriptions',
      'mooring_prediction_duration_seconds',
      'nodejs_eventloop_lag_seconds',
      'process_resident_memory_bytes',
    ])
      expect(text).toContain(`# TYPE ${name} `);
  });

  it('see an event loop that is blocked, and say how busy it is, however often they are asked', async () => {
    const metrics = new Metrics();
    const valueOf = async (name: string) => {
      const text = await metrics.registry.metrics();
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    };
    await new Promise((resolve) => setTimeout(resolve, 30));
    await metrics.registry.metrics();
    const before = await valueOf('mooring_event_loop_active_seconds_total');
    await new Promise((resolve) => setTimeout(resolve, 30));
    const blockedUntil = performance.now() + 120;
    while (performance.now() < blockedUntil);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const lag = await valueOf('nodejs_eventloop_lag_max_seconds');
    expect(lag).toBeGreaterThan(0.1);
    const active = (await valueOf('mooring_event_loop_active_seconds_total')) - before;
    expect(active).toBeGreaterThan(0.1);
    expect(await valueOf('nodejs_eventloop_lag_max_seconds')).toBeLessThan(lag);
  });
});
