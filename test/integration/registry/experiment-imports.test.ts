import type { ModelExperiment } from '../../../src/entities';
import { Forbidden, NotFound } from '../../../src/errors';
import { ExperimentFixture } from '../../support/experiment-fixture';
import { always, CONTRACT, StubMlflow } from '../../support/mlflow/stub-server';
import { aCandidate, engineer, openRegistry, viewer } from '../../support/registry-fixture';
import { until } from '../../support/until';

const { runId, otherExperimentId, emptyRunId } = CONTRACT.ids;

let fixture: ExperimentFixture;
beforeAll(async () => {
  fixture = await ExperimentFixture.open();
});
afterEach(() => fixture.mlflow.misbehave());
afterAll(() => fixture.close());

describe('An import that cannot be done', () => {
  it.each([
    ['does not exist', { runId: '0'.repeat(32) }, /RESOURCE_DOES_NOT_EXIST/],
    ['is of another experiment', { runId: emptyRunId }, /belongs to experiment 2, not to 1/],
  ])('fails for good when the run %s, and is not tried again until somebody asks', async (what, changes, message) => {
    const model = `lasting-${what.replaceAll(' ', '-')}`;
    await fixture.registered(model);
    const failed = await fixture.once(await fixture.link(model, changes), ({ status }) => status === 'FAILED');
    expect(failed).toMatchObject({ attempts: 1, nextAttemptAt: null, lastError: expect.stringMatching(message) });
    await expect(fixture.registry.experiments.resume()).resolves.toBe(0);
    const { experiment } = await fixture.registry.experiments.importAnew(failed.id, engineer);
    expect(experiment).toMatchObject({ status: 'PENDING', attempts: 0, lastError: null });
    await fixture.once(experiment, ({ status }) => status === 'FAILED');
  });

  it('waits while MLflow is dead, linking all the same, and is done when it is back', async () => {
    await fixture.registered('dead');
    const dead = await StubMlflow.start();
    const { port, url } = dead;
    await dead.stop();
    const waiting = await fixture.failedAttempts(await fixture.link('dead', { trackingUri: url }), 1);
    expect(waiting).toMatchObject({
      status: 'PENDING',
      lastError: expect.stringMatching(/ECONNREFUSED/),
      nextAttemptAt: expect.any(Date),
    });
    const [job] = await fixture.registry.jobs.find([waiting.jobId!]);
    expect(job).toMatchObject({ status: 'QUEUED', kind: 'EXPERIMENT_IMPORT' });
    const back = await StubMlflow.start(port);
    try {
      // By its own job, 5 s after the first attempt.
      await expect(fixture.imported(waiting)).resolves.toMatchObject({ attempts: 2, lastError: null });
    } finally {
      await back.stop();
    }
  });

  it('is taken up by the upkeep when its pause is long or its job was lost, once for all servers', async () => {
    await fixture.registered('upkeep');
    fixture.mlflow.misbehave(always(500, 'no'));
    const waiting = await fixture.failedAttempts(await fixture.link('upkeep'), 1);
    await expect(fixture.registry.experiments.resume()).resolves.toBe(0);
    // As if the short pauses, which wait in the job queue, were over: from the fifth attempt on only the upkeep makes jobs.
    for (let attempts = 5; attempts <= 8; attempts++) {
      await fixture.makeDue(waiting, attempts - 1);
      const made = await Promise.all([fixture.registry.experiments.resume(), fixture.registry.experiments.resume()]);
      expect(made.sort()).toEqual([0, 1]);
      await fixture.failedAttempts(waiting, attempts);
    }
    const long = await fixture.read(waiting);
    expect(long).toMatchObject({ jobId: null, attempts: 8, lastError: expect.stringMatching(/answered 500/) });
    expect(long.nextAttemptAt!.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
    await expect(fixture.registry.experiments.resume()).resolves.toBe(0);
    fixture.mlflow.misbehave();
    await fixture.makeDue(waiting, long.attempts);
    await fixture.registry.experiments.resume();
    await fixture.imported(waiting);
  });

  it('keeps what was imported before, and is done at once when somebody asks anew', async () => {
    await fixture.registered('again');
    const first = await fixture.imported(await fixture.link('again'));
    fixture.mlflow.misbehave(always(200, 'not JSON'));
    const { experiment, job } = await fixture.registry.experiments.importAnew(first.id, engineer);
    expect(job).toMatchObject({ kind: 'EXPERIMENT_IMPORT', subject: `ModelExperiment:${first.id}` });
    const waiting = await fixture.failedAttempts(experiment, 1);
    expect(waiting).toMatchObject({ status: 'PENDING', metrics: first.metrics, importedAt: first.importedAt });
    fixture.mlflow.misbehave();
    await fixture.registry.experiments.importAnew(first.id, engineer);
    const second = await fixture.imported(first);
    expect(second.attempts).toBe(1);
    expect(second.importedAt!.getTime()).toBeGreaterThan(first.importedAt!.getTime());
    const asked = await fixture.registry.dataSource.query<{ actor: string }[]>(
      "SELECT actor FROM audit_entries WHERE subject = $1 AND action = 'experiment.requestImport'",
      [`ModelExperiment:${first.id}`],
    );
    expect(asked).toEqual([{ actor: 'ada' }, { actor: 'ada' }]);
    await expect(fixture.registry.experiments.importAnew(first.id, viewer)).rejects.toThrow(Forbidden);
    await expect(fixture.registry.experiments.importAnew(crypto.randomUUID(), engineer)).rejects.toThrow(NotFound);
  });

  it('is left by a job whose place another has taken', async () => {
    await fixture.registered('overtaken');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let asked = 0;
    fixture.mlflow.misbehave((_request, response) => {
      asked += 1;
      if (asked > 1) return false;
      void held.then(() => always(500, 'late')(_request, response));
      return true;
    });
    const slow = await fixture.link('overtaken');
    await until('first request', () => asked === 1);
    await fixture.registry.experiments.importAnew(slow.id, engineer);
    const done = await fixture.imported(slow);
    release();
    const [first] = await fixture.registry.dataSource.query<{ id: string }[]>(
      'SELECT id FROM jobs WHERE subject = $1 ORDER BY created_at LIMIT 1',
      [`ModelExperiment:${slow.id}`],
    );
    await fixture.registry.jobs.wait(first.id);
    expect(await fixture.read(slow)).toEqual(done);
  });

  it('is told of a cancelled attempt, and goes on with the upkeep', async () => {
    await fixture.registered('cancelled');
    let asked = false;
    fixture.mlflow.misbehave(() => (asked = true));
    const slow = await fixture.link('cancelled');
    await until('request', () => asked);
    const job = await fixture.registry.jobs.cancel(slow.jobId!, engineer);
    await fixture.registry.jobs.wait(job.id);
    expect(await fixture.read(slow)).toMatchObject({ status: 'PENDING', lastError: 'The job was cancelled.' });
    fixture.mlflow.misbehave();
    await expect(fixture.registry.experiments.resume()).resolves.toBe(1);
    await fixture.imported(slow);
  });

  it('rests while its version is deleted', async () => {
    await fixture.registered('deleted');
    fixture.mlflow.misbehave(always(500, 'no'));
    const waiting = await fixture.failedAttempts(await fixture.link('deleted'), 1);
    await fixture.makeDue(waiting, waiting.attempts);
    await fixture.registry.catalog.delete({ model: 'deleted', version: 1, revision: 1 }, engineer);
    await expect(fixture.registry.experiments.resume()).resolves.toBe(0);
    await expect(fixture.registry.experiments.importAnew(waiting.id, engineer)).rejects.toThrow(NotFound);
  });
});

describe('A restart of the server', () => {
  it('loses no import, whether it was under way or in a pause', async () => {
    const own = await openRegistry({ hosts: ['127.0.0.1'] });
    try {
      const { id } = await own.models.create({ name: 'restarted', taskType: 'BINARY_CLASSIFICATION' }, engineer);
      await own.versions.submit(id, aCandidate(), {}, engineer);
      const before = own.anotherServer();
      await before.jobs.start();
      let underWayAsked = false;
      fixture.mlflow.misbehave((request, response) => {
        underWayAsked ||= request.url?.endsWith(runId) ?? false;
        return request.url?.endsWith(runId) ? true : always(500, 'no')(request, response);
      });
      const linked = (changes: object) =>
        before.experiments.link({ model: 'restarted', version: 1, ...fixture.run(changes) }, engineer);
      const now = async (one: ModelExperiment) => (await own.reader.experiments([one.id]))[0];
      const links: ModelExperiment[] = [];
      try {
        links.push(await linked({}), await linked({ experimentId: otherExperimentId, runId: emptyRunId }));
        await until('attempts', async () => underWayAsked && (await now(links[1])).attempts === 1);
      } finally {
        await before.jobs.stop();
      }
      const [underWay, inPause] = links;
      expect(await now(underWay)).toMatchObject({ status: 'PENDING', attempts: 0, lastError: null });
      fixture.mlflow.misbehave();

      const after = own.anotherServer();
      await after.jobs.start();
      try {
        for (const one of [underWay, inPause])
          await until('import', async () => (await now(one)).status === 'IMPORTED');
        expect(await now(inPause)).toMatchObject({ attempts: 2, runName: 'empty', metrics: [] });
      } finally {
        await after.jobs.stop();
      }
    } finally {
      await own.close();
    }
  });

  it('imports the runs that were linked when links were only notes', async () => {
    await fixture.registered('noted');
    const noted = await fixture.link('noted');
    await fixture.registry.dataSource.query(
      `UPDATE model_experiments SET status = DEFAULT, attempts = DEFAULT, next_attempt_at = now(), job_id = DEFAULT, imported_at = NULL,
         last_error = NULL WHERE id = $1`,
      [noted.id],
    );
    await expect(fixture.registry.experiments.resume()).resolves.toBe(1);
    expect(await fixture.imported(noted)).toMatchObject({ attempts: 1 });
  });
});
