import { MlflowClient } from '../../../src/services/registry';
import { always, CONTRACT, StubMlflow } from '../../support/mlflow/stub-server';

const { experimentId, runId, otherExperimentId, emptyRunId } = CONTRACT.ids;
const never = new AbortController().signal;

let mlflow: StubMlflow;
beforeEach(async () => {
  mlflow = await StubMlflow.start();
});
afterEach(() => mlflow.stop());

const client = (changes: Partial<ConstructorParameters<typeof MlflowClient>[0]> = {}) =>
  new MlflowClient({ hosts: ['127.0.0.1'], token: null, ...changes });
const reference = (changes: object = {}) => ({ trackingUri: mlflow.url, experimentId, runId, ...changes });
const read = (changes: object = {}, asked = client()) => asked.run(reference(changes), never);
/** An address of the server that is not the one it was linked by. */
const byName = () => `http://localhost:${mlflow.port}`;

describe('Reading a run from what a real MLflow has answered', () => {
  it('takes the last of each metric, with NaN and the infinities told apart, params and tags', async () => {
    await expect(read()).resolves.toEqual({
      experimentName: expect.stringMatching(/^churn/),
      runName: 'boosted churn',
      runStatus: 'FINISHED',
      metrics: [
        { name: 'auc', value: 0.86, nonFinite: null, step: 2, recordedAtMs: 1_700_000_000_002 },
        { name: 'floor', value: null, nonFinite: 'NEGATIVE_INFINITY', step: 0, recordedAtMs: 1_700_000_000_000 },
        { name: 'gain', value: null, nonFinite: 'INFINITY', step: 0, recordedAtMs: 1_700_000_000_000 },
        { name: 'loss', value: null, nonFinite: 'NAN', step: 7, recordedAtMs: 1_700_000_000_000 },
        { name: 'rows', value: 12_345_678_901, nonFinite: null, step: 3e9, recordedAtMs: 1_700_000_000_000 },
      ],
      params: [
        { name: 'learning_rate', value: '0.1' },
        { name: 'note', value: 'ä „quoted“\nline' },
      ],
      tags: { 'mlflow.runName': 'boosted churn', team: 'growth' },
    });
  });

  it('takes a run that has logged nothing yet', async () => {
    await expect(read({ experimentId: otherExperimentId, runId: emptyRunId })).resolves.toMatchObject({
      runStatus: 'RUNNING',
      metrics: [],
      params: [],
    });
  });

  it('finds it below a path, too, whatever slashes the address ends with', async () => {
    mlflow.misbehave((request) => {
      request.url = (request.url ?? '').replace('/team/mlflow', '');
      return false;
    });
    await expect(read({ trackingUri: `${mlflow.url}/team/mlflow//` })).resolves.toMatchObject({
      runName: 'boosted churn',
    });
    expect(mlflow.asked).toEqual([
      `/team/mlflow/api/2.0/mlflow/runs/get?run_id=${runId}`,
      `/team/mlflow/api/2.0/mlflow/experiments/get?experiment_id=${experimentId}`,
    ]);
  });

  it.each([
    ['does not exist', { runId: '0'.repeat(32) }, 'MLflow answered 404 RESOURCE_DOES_NOT_EXIST: Run with id=0'],
    ['has no possible id', { runId: '../no run' }, 'RESOURCE_DOES_NOT_EXIST: Run with id=../no run not found'],
    ['is of another experiment', { runId: emptyRunId }, /belongs to experiment 2, not to 1\. Link it with that one/],
  ])('says for good that a run %s', async (_case, changes, message) => {
    await expect(read(changes)).rejects.toThrow(message);
    await expect(read(changes)).rejects.toMatchObject({ lasting: true });
  });
});

describe('A server that does not answer as it should', () => {
  it.each([
    ['fails', always(500, '<h1>Internal'), /answered 500\.$/],
    ['fails in JSON', always(503, '{"error_code":"TEMPORARILY_UNAVAILABLE","message":"later"}'), /UNAVAILABLE: later$/],
    ['asks for a token', always(401, 'who are you'), /answered 401\. Give Mooring a token .* MOORING_MLFLOW_TOKEN/],
    ['speaks HTML', always(200, '<!doctype html>'), /what is not JSON/],
    ['speaks other JSON', always(200, '{"hits":[]}'), /not that of MLflow's REST API: run is missing/],
    ['answers null', always(200, 'null'), /run is missing/],
    ['sends too much', always(200, `"${'x'.repeat(70_000)}"`), /is larger than 0\.0625 MB; it is not imported/],
    [
      'promises more than it sends',
      always(200, '{"run":', { 'content-length': 1000 }),
      /gave no whole answer|cannot be/,
    ],
    [
      'redirects to another host',
      always(302, '', { location: 'http://example.org/' }),
      /redirects to http:\/\/example/,
    ],
    ['redirects in circles', always(302, '', { location: '/again' }), /redirects again and again/],
    ['redirects to nowhere', always(302, '', { location: 'http://' }), /redirects to what is no address/],
  ])('is named, and can be asked again: one that %s', async (_case, fault, message) => {
    mlflow.misbehave(fault);
    const asked = client({ limits: { maxBytes: 65_536, timeoutMs: 500 } });
    await expect(read({}, asked)).rejects.toThrow(message);
    await expect(read({}, asked)).rejects.toMatchObject({ lasting: false });
  });

  it('is given up after the time, also when it has begun to answer, and when the connection breaks within', async () => {
    const asked = client({ limits: { timeoutMs: 200 } });
    mlflow.misbehave(() => true);
    await expect(read({}, asked)).rejects.toThrow(/gave no whole answer within 0\.2 s/);
    mlflow.misbehave((_request, response) => response.writeHead(200).write('{"run":') || true);
    await expect(read({}, asked)).rejects.toThrow(/gave no whole answer within 0\.2 s/);
    mlflow.misbehave((request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{"run":', () => request.destroy());
      return true;
    });
    await expect(read()).rejects.toThrow(/cannot be asked: ECONNRESET/);
  });

  it('is named when nothing listens there', async () => {
    const gone = reference();
    await mlflow.stop();
    await expect(client().run(gone, never)).rejects.toThrow(/cannot be asked: ECONNREFUSED/);
    mlflow = await StubMlflow.start();
  });

  it('is left at once when the job is told to stop', async () => {
    mlflow.misbehave(() => true);
    const stop = new AbortController();
    const reading = client().run(reference(), stop.signal);
    const reason = new Error('told to stop');
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });
});

describe('Which servers are asked, and with what', () => {
  it('refuses private addresses, by number and by name, unless the configuration names the host', async () => {
    for (const hosts of [[], ['10.0.0.1'], [`127.0.0.1:1`]]) {
      const asked = client({ hosts });
      await expect(read({}, asked)).rejects.toThrow(/has a private address.*MOORING_MLFLOW_HOSTS/);
      await expect(read({ trackingUri: byName() }, asked)).rejects.toThrow(/has a private address/);
    }
    expect(mlflow.asked).toEqual([]);
    await expect(read({}, client({ hosts: [`127.0.0.1:${mlflow.port}`] }))).resolves.toBeTruthy();
  });

  it('sends the token to hosts that the configuration names, and follows redirects on the same host', async () => {
    let first = true;
    mlflow.misbehave((request, response) => {
      if (!first) return false;
      first = false;
      response.writeHead(307, { location: request.url }).end();
      return true;
    });
    await expect(read({}, client({ token: 's3cret' }))).resolves.toBeTruthy();
    expect(mlflow.authorizations).toEqual(['Bearer s3cret', 'Bearer s3cret', 'Bearer s3cret']);
  });

  it('never tells the token', async () => {
    mlflow.misbehave((request, response) => always(401, request.headers.authorization ?? '')(request, response));
    const problem = await read({}, client({ token: 's3cret' })).catch((error: unknown) => error);
    expect((problem as Error).message).toContain('401');
    expect((problem as Error).message).not.toContain('s3cret');
  });
});
