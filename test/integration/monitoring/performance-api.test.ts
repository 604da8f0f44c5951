import 'reflect-metadata';
import fs from 'node:fs';
import { graphql, parse, validate } from 'graphql';
import type { Context, Services } from '../../../src/schema/context';
import { buildApiSchema } from '../../../src/server/build-schema';
import { RegistryReader } from '../../../src/services/registry';
import { VIEWER } from '../../support/features-fixture';
import { codeBlocks } from '../../support/markdown';
import { OperationFixture } from '../../support/operation-fixture';

const schema = buildApiSchema();
let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

async function ask(source: string, variableValues: Record<string, unknown>) {
  const registry = new RegistryReader({ dataSource: operation.dataSource });
  const services: Partial<Services> = { performanceReports: operation.performanceReports, registry };
  const contextValue: Context = {
    actor: VIEWER,
    requestId: 'r1',
    services: services as Services,
    loaders: new Map(),
    signal: new AbortController().signal,
  };
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  return { data: JSON.parse(JSON.stringify(data)) as Record<string, unknown> | null, errors };
}

const PERFORMANCE = `query Performance($model: String!, $from: DateTime!, $to: DateTime!, $segmentBy: String, $first: Int = 20) {
  performanceReports(model: $model, from: $from, to: $to, windowSeconds: 1000000000, segmentBy: $segmentBy, first: $first) {
    totalCount
    pageInfo { hasNextPage }
    nodes {
      model { name }
      modelVersion { version }
      confidence
      segmentBy
      overall { ...slice }
      segments { ...slice }
    }
  }
}
fragment slice on PerformanceSlice {
  group
  predictionCount
  labelCoverage
  flags
  realised { auc { value lower upper undefinedBecause } confusionMatrix { truePositives { value lower upper } } }
  estimated { assumption auc { value lower upper } calibrationError { value undefinedBecause } }
}`;

const RANGE = { from: '2026-01-01T00:00:00Z', to: '2030-01-01T00:00:00Z' };

test('performance is read with its intervals, reasons and assumption, by whoever may read', async () => {
  await operation.inProduction('asked');
  await operation.predictWindow('asked', 300);
  const { data, errors } = await ask(PERFORMANCE, { ...RANGE, model: 'asked', segmentBy: 'plan' });
  expect(errors).toBeUndefined();
  const figure = { value: expect.any(Number), lower: expect.any(Number), upper: expect.any(Number) };
  const slice = {
    labelCoverage: 1,
    realised: { auc: { ...figure, undefinedBecause: null }, confusionMatrix: { truePositives: figure } },
    estimated: {
      assumption: expect.stringMatching(/P\(Y\|X\).*trust those/s),
      auc: figure,
      calibrationError: { value: null, undefinedBecause: 'NOT_ESTIMABLE' },
    },
  };
  expect(data).toMatchObject({
    performanceReports: {
      totalCount: 1,
      pageInfo: { hasNextPage: false },
      nodes: [
        {
          model: { name: 'asked' },
          modelVersion: { version: 1 },
          confidence: 0.95,
          segmentBy: 'plan',
          overall: { group: null, predictionCount: 300, ...slice },
          segments: [
            { group: 'meter', ...slice },
            { group: 'flat', ...slice },
          ],
        },
      ],
    },
  });
});

test('bad arguments are refused by name', async () => {
  const refused = async (changes: object) =>
    (await ask(PERFORMANCE, { ...RANGE, model: 'asked', ...changes })).errors?.[0].message;
  expect(await refused({ to: RANGE.from })).toBe('to: must be later than from');
  expect(await refused({ segmentBy: 'mood' })).toMatch(/^segmentBy: the version has no feature "mood"/);
  expect(await refused({ first: 101 })).toMatch(/^first: 101 is out of range/);
  expect(await refused({ model: 'nobody' })).toMatch(/There is no model "nobody"/);
});

test('the query of docs/performance.md is one of this schema', () => {
  const queries = codeBlocks(fs.readFileSync('docs/performance.md', 'utf8')).filter(
    ({ language }) => language === 'graphql',
  );
  expect(queries).toHaveLength(1);
  expect(queries.flatMap(({ text }) => validate(schema, parse(text)))).toEqual([]);
});
