import { walkLineage } from '../../../src/services/lineage';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

test('a version that was made elsewhere for a feature service comes from it, and a breaking change of a view names the version', async () => {
  const { features } = operation;
  await features.defineSubscribers();
  const service = await features.services.findByName('churn_features');
  const { version } = await operation.inProduction('elsewhere', {
    featureServiceVersionId: service?.versionId,
    trainingRunId: null,
    datasetId: null,
  });
  const from = await walkLineage(operation.dataSource, {
    start: `ModelVersion:${version.id}`,
    direction: 'UPSTREAM',
    depth: 1,
    first: 10,
  });
  expect(from.nodes.map(({ node }) => node)).toEqual([
    `ModelVersion:${version.id}`,
    `FeatureServiceVersion:${service?.versionId}`,
  ]);

  const { change } = await features.views.applyExplained(
    { name: 'usage', entity: 'subscriber', fields: [{ name: 'minutes', dtype: 'DOUBLE' }], dryRun: true },
    ENGINEER,
  );
  expect(change).toMatchObject({
    kind: 'BREAKING',
    dependents: [{ service: 'churn_features', modelVersionIds: [version.id] }],
  });
});
