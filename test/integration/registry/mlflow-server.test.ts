import { MlflowClient } from '../../../src/services/registry';
import { hasMlflow, type MlflowServer, startMlflow } from '../../support/mlflow/real-server';
import { CONTRACT, StubMlflow } from '../../support/mlflow/stub-server';

/** Needs a Python with MLflow, by MOORING_TEST_PYTHON or as python3; the recorded answers of one are tested everywhere. */
const withMlflow = hasMlflow() ? describe : describe.skip;

withMlflow('A real mlflow server', () => {
  jest.setTimeout(120_000);
  const client = new MlflowClient({ hosts: ['127.0.0.1'], token: null });
  const never = new AbortController().signal;
  let mlflow: MlflowServer;
  let made: ReturnType<MlflowServer['makeRun']>;
  beforeAll(async () => {
    mlflow = await startMlflow();
    made = mlflow.makeRun();
  });
  afterAll(() => mlflow.stop());

  it('answers as the recorded one did, so that the same is imported', async () => {
    const { experimentId, runId, otherExperimentId, emptyRunId } = made;
    const read = (id: string, run: string) =>
      client.run({ trackingUri: mlflow.url, experimentId: id, runId: run }, never);
    const stub = await StubMlflow.start();
    try {
      const recorded = (id: string, run: string) =>
        client.run({ trackingUri: stub.url, experimentId: id, runId: run }, never);
      const { ids } = CONTRACT;
      const experimentName = expect.any(String);
      await expect(read(experimentId, runId)).resolves.toEqual({
        ...(await recorded(ids.experimentId, ids.runId)),
        experimentName,
      });
      await expect(read(otherExperimentId, emptyRunId)).resolves.toEqual({
        ...(await recorded(ids.otherExperimentId, ids.emptyRunId)),
        experimentName,
      });
    } finally {
      await stub.stop();
    }
  });

  it('says for good that a run does not exist, or is of another experiment', async () => {
    const { experimentId, emptyRunId } = made;
    for (const runId of ['0'.repeat(32), 'no such run', emptyRunId])
      await expect(client.run({ trackingUri: mlflow.url, experimentId, runId }, never)).rejects.toMatchObject({
        lasting: true,
      });
  });
});
