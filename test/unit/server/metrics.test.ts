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

  it('read a gauge when they are asked for', async () => {
    const metrics = new Metrics();
    let running = 1;
    metrics.addGauge('mooring_test', 'A test.', 'status', async () => ({ RUNNING: running }));
    running = 2;
    expect(await metrics.registry.metrics()).toContain('mooring_test{status="RUNNING"} 2');
  });
});
