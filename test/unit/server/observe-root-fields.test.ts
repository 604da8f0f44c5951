import { buildSchema, graphql } from 'graphql';
import { Metrics } from '../../../src/server/metrics';
import { observeRootFields } from '../../../src/server/observe-operations';

const metrics = new Metrics();
const schema = buildSchema(`
  type Query { one: Int, none: Int }
  type Payload { userErrors: [UserError!]! }
  type UserError { code: String! }
  type Mutation { fail: Payload, succeed: Payload, throwUp: Payload }
`);
const failures = [{ code: 'NOT_FOUND' }, { code: 'INVALID_INPUT' }, { code: 'INVALID_INPUT' }];
const answers = {
  one: () => 1,
  none: () => null,
  fail: () => ({ userErrors: failures }),
  succeed: () => ({ userErrors: [] }),
  throwUp: () => {
    throw new Error('a fault');
  },
};
for (const type of [schema.getQueryType(), schema.getMutationType()]) {
  for (const field of Object.values(type?.getFields() ?? {}))
    field.resolve = answers[field.name as keyof typeof answers];
}
observeRootFields(schema, metrics);

const valuesOf = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];

it('root fields are timed, and the userErrors of mutations counted, each by its code', async () => {
  await graphql({ schema, source: '{ one none again: one }' });
  const source =
    'mutation { fail { userErrors { code } } succeed { userErrors { code } } throwUp { userErrors { code } } }';
  const { data } = await graphql({ schema, source });
  expect(data).toEqual({ fail: { userErrors: failures }, succeed: { userErrors: [] }, throwUp: null });

  expect(await valuesOf('mooring_graphql_errors_total')).toEqual([
    { labels: { code: 'NOT_FOUND' }, value: 1 },
    { labels: { code: 'INVALID_INPUT' }, value: 2 },
  ]);
  const counts = (await valuesOf('mooring_graphql_resolver_duration_seconds'))
    .filter((sample) => 'metricName' in sample && String(sample.metricName).endsWith('_count'))
    .map(({ labels, value }) => [labels.field, value]);
  expect(Object.fromEntries(counts)).toEqual({
    'Query.one': 2,
    'Query.none': 1,
    'Mutation.fail': 1,
    'Mutation.succeed': 1,
    'Mutation.throwUp': 1,
  });
});
