import { buildAlerts } from '../../../src/build-alerts';

test('what is served is told to the metrics and counted in minutes, which are written at the stop at the latest', async () => {
  const query = jest.fn<Promise<unknown>, [string, string[]]>().mockResolvedValue([]);
  const metrics = { predicted: jest.fn(), failed: jest.fn() };
  const foundation = { dataSource: { query }, audit: {}, logger: {}, observer: metrics } as unknown;
  const { observer, parts } = buildAlerts(foundation as Parameters<typeof buildAlerts>[0], {} as never);
  const by = { model: 'm', version: 1, variant: 'PRIMARY', modelVersionId: 'v' } as const;
  observer.predicted(by, 0.001, 3);
  observer.predicted(by, 90, 2);
  const failed = { model: 'm', isKnown: true, code: 'NOT_FOUND', modelVersionId: 'v' };
  observer.failed(failed, 4);
  observer.failed({ ...failed, modelVersionId: null }, 7);
  expect(metrics.predicted.mock.calls).toEqual([
    [by, 0.001, 3],
    [by, 90, 2],
  ]);
  expect(metrics.failed.mock.calls).toEqual([
    [failed, 4],
    [{ ...failed, modelVersionId: null }, 7],
  ]);

  await parts.servingMinutes.stop();
  const rows = query.mock.calls.flatMap(([, [json]]) => JSON.parse(json) as Record<string, number | number[]>[]);
  const sum = (name: string) => rows.reduce((total, row) => total + Number(row[name]), 0);
  expect([sum('prediction_count'), sum('error_count')]).toEqual([5, 4]);
  const counts = rows.map(({ latency_counts: buckets }) => buckets as number[]);
  expect(counts.flat().reduce((total, count) => total + count, 0)).toBe(2);
  expect(counts.reduce((total, buckets) => total + (buckets.at(-1) ?? 0), 0)).toBe(1);
});

test('minutes that cannot be written are written with the next ones', async () => {
  const query = jest
    .fn<Promise<unknown>, [string, string[]]>()
    .mockRejectedValueOnce(new Error('away'))
    .mockResolvedValue([]);
  const warn = jest.fn();
  const foundation = { dataSource: { query }, logger: { warn }, observer: { predicted: jest.fn(), failed: jest.fn() } };
  const { observer, parts } = buildAlerts(foundation as never, {} as never);
  const failed = { model: 'm', isKnown: true, code: 'NOT_FOUND', modelVersionId: 'v' };
  observer.failed(failed, 1);
  await parts.servingMinutes.stop();
  observer.failed(failed, 2);
  await parts.servingMinutes.stop();
  expect(warn).toHaveBeenCalledTimes(1);
  const errors = query.mock.calls.map(([, [json]]) =>
    (JSON.parse(json) as { error_count: number }[]).reduce((total, row) => total + row.error_count, 0),
  );
  expect(errors).toEqual([1, 3]);
});
