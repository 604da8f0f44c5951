import { Forbidden, InvalidInput, NotFound } from '../../../src/errors';
import type { Services } from '../../../src/schema/context';
import { executeOperation } from '../../support/execute-operation';
import { ExperimentFixture } from '../../support/experiment-fixture';
import { CONTRACT } from '../../support/mlflow/stub-server';
import { aCandidate, engineer, viewer } from '../../support/registry-fixture';

const { runId } = CONTRACT.ids;

let fixture: ExperimentFixture;
beforeAll(async () => {
  fixture = await ExperimentFixture.open();
});
afterAll(() => fixture.close());

function ask<Data>(source: string, variableValues: Record<string, unknown>): Promise<Data> {
  const services: Partial<Services> = {
    registry: fixture.registry.reader,
    experiments: fixture.registry.experiments,
    jobs: fixture.registry.jobs,
  };
  return executeOperation(services, engineer, source, variableValues);
}

describe('Linking a version to an MLflow run', () => {
  it('imports its metrics, params and tags, and leaves the figures of the version as they were measured', async () => {
    const modelId = await fixture.registered('linked');
    const first = await fixture.link('linked');
    expect(first).toMatchObject({ status: 'PENDING', attempts: 0, importedAt: null, metrics: [], tags: {} });
    const done = await fixture.imported(first);
    expect(done).toMatchObject({
      lastError: null,
      nextAttemptAt: null,
      attempts: 1,
      importedAt: expect.any(Date),
      runName: 'boosted churn',
      runStatus: 'FINISHED',
      experimentName: expect.stringMatching(/^churn/),
      params: [{ name: 'learning_rate', value: '0.1' }, { name: 'note' }],
      tags: { team: 'growth' },
    });
    expect(done.metrics.map(({ name, value }) => [name, value])).toContainEqual(['auc', 0.86]);
    const measured = await fixture.registry.reader.metrics([done.modelVersionId]);
    expect(measured.map(({ name, value }) => [name, value])).toEqual([
      ['auc', 0.84],
      ['logLoss', 0.41],
    ]);
    const audited = await fixture.registry.dataSource.query<{ action: string }[]>(
      "SELECT action FROM audit_entries WHERE chain LIKE '%' || $1 AND action ~ '[eE]xperiment' ORDER BY sequence",
      [modelId],
    );
    expect(audited.map(({ action }) => action)).toEqual(['version.linkExperiment', 'experiment.import']);
    await expect(fixture.registry.audit.verify(modelId)).resolves.toMatchObject({ valid: true });
  });

  it('answers with the same link when it is done twice, also at once, and refuses the run for another experiment', async () => {
    await fixture.registered('twice');
    const links = await Promise.all([fixture.link('twice'), fixture.link('twice'), fixture.link('twice')]);
    expect(new Set(links.map(({ id }) => id)).size).toBe(1);
    await expect(fixture.link('twice', { experimentId: '7' })).rejects.toThrow(
      /linked already, as one of experiment 1/,
    );
  });

  it('is refused with credentials, to viewers, and for versions that are not there', async () => {
    await fixture.registered('guarded');
    await expect(fixture.link('guarded', { trackingUri: 'http://ada:pw@mlflow' })).rejects.toThrow(InvalidInput);
    const asViewer = fixture.registry.experiments.link({ model: 'guarded', version: 1, ...fixture.run() }, viewer);
    await expect(asViewer).rejects.toThrow(Forbidden);
    await expect(
      fixture.registry.experiments.link({ model: 'guarded', version: 2, ...fixture.run() }, engineer),
    ).rejects.toThrow(NotFound);
  });

  it('can be done with the registration, in its transaction, and is not done when the gate rejects', async () => {
    const { id } = await fixture.registry.models.create({ name: 'born', taskType: 'BINARY_CLASSIFICATION' }, engineer);
    const labels = { experiment: fixture.run() };
    const rejected = await fixture.registry.versions.submit(
      id,
      aCandidate({ dataQualityPassed: false }),
      labels,
      engineer,
    );
    expect(rejected.modelVersion).toBeNull();
    const { modelVersion } = await fixture.registry.versions.submit(id, aCandidate(), labels, engineer);
    const [born, ...others] = await fixture.registry.reader.experimentsOfVersions([modelVersion!.id]);
    expect(others).toEqual([]);
    expect(await fixture.imported(born)).toMatchObject({ runId, createdBy: 'ada' });
    const wrong = { experiment: fixture.run({ runId: '' }) };
    await expect(fixture.registry.versions.submit(id, aCandidate(), wrong, engineer)).rejects.toThrow(
      'experiment.runId: must not be empty',
    );
    expect((await fixture.registry.models.get('born')).lastVersion).toBe(1);
  });
});

describe('The API of experiments', () => {
  it('links, imports anew and shows what was imported', async () => {
    await fixture.registered('api');
    const input = { model: 'api', version: 1, ...fixture.run() };
    const { linkExperiment } = await ask<{ linkExperiment: { experiment: { id: string; status: string } } }>(
      `mutation ($input: LinkExperimentInput!) {
        linkExperiment(input: $input) { experiment { id status } userErrors { message } }
      }`,
      { input },
    );
    const { id } = linkExperiment.experiment;
    expect(linkExperiment.experiment.status).toBe('PENDING');
    const [{ id: rowId }] = await fixture.registry.dataSource.query<{ id: string }[]>(
      'SELECT id FROM model_experiments ORDER BY created_at DESC LIMIT 1',
    );
    await fixture.once({ id: rowId }, ({ status }) => status === 'IMPORTED');
    await expect(
      ask(
        `query ($id: ID!) {
          node(id: $id) { ... on ModelExperiment {
            status lastError attempts nextAttemptAt runName runStatus tags
            metrics { name value nonFinite step recordedAt } params { name value } modelVersion { version }
          } }
        }`,
        { id },
      ),
    ).resolves.toEqual({
      node: {
        status: 'IMPORTED',
        lastError: null,
        attempts: 1,
        nextAttemptAt: null,
        runName: 'boosted churn',
        runStatus: 'FINISHED',
        tags: { 'mlflow.runName': 'boosted churn', team: 'growth' },
        metrics: [
          { name: 'auc', value: 0.86, nonFinite: null, step: 2, recordedAt: '2023-11-14T22:13:20.002Z' },
          ...(['floor', 'gain', 'loss'] as const).map((name) => ({
            name,
            value: null,
            nonFinite: { floor: 'NEGATIVE_INFINITY', gain: 'INFINITY', loss: 'NAN' }[name],
            step: name === 'loss' ? 7 : 0,
            recordedAt: '2023-11-14T22:13:20.000Z',
          })),
          expect.objectContaining({ name: 'rows', value: 12_345_678_901, step: 3e9 }),
        ],
        params: [
          { name: 'learning_rate', value: '0.1' },
          { name: 'note', value: 'ä „quoted“\nline' },
        ],
        modelVersion: { version: 1 },
      },
    });
    const anew = `mutation ($id: ID!) {
      importExperiment(input: { id: $id }) {
        experiment { status } job { __typename ... on ExperimentImportJob { experiment { id } } } userErrors { code field }
      }
    }`;
    await expect(ask(anew, { id })).resolves.toEqual({
      importExperiment: {
        experiment: { status: 'PENDING' },
        job: { __typename: 'ExperimentImportJob', experiment: { id } },
        userErrors: [],
      },
    });
    const unknown = Buffer.from(`ModelExperiment:${crypto.randomUUID()}`).toString('base64url');
    await expect(ask(anew, { id: unknown })).resolves.toEqual({
      importExperiment: { experiment: null, job: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }] },
    });
  });
});
