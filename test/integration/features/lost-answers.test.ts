import { ENGINEER, FeaturesFixture } from '../../support/features-fixture';

let features: FeaturesFixture;
beforeEach(async () => {
  features = await FeaturesFixture.open();
  await features.defineSubscribers();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await features.close();
});

/** The next transaction is done, a while after its connection was lost. */
function loseNextAnswer(): void {
  const { dataSource } = features.database;
  const transaction = dataSource.transaction.bind(dataSource);
  const lost = (work: (manager: unknown) => Promise<unknown>) =>
    new Promise((_resolve, reject) => {
      void transaction(async (manager) => {
        await work(manager);
        reject(new Error('Connection terminated unexpectedly'));
        await new Promise((resolve) => setTimeout(resolve, 300));
      });
    });
  jest.spyOn(dataSource, 'transaction').mockImplementationOnce(lost as never);
}

test('a file whose commit is done although its answer is lost keeps its batches, and is not ingested again', async () => {
  const { staging } = features;
  const convert = staging.convert.bind(staging);
  jest.spyOn(staging, 'convert').mockImplementationOnce(async (...args) => {
    const staged = await convert(...args);
    loseNextAnswer();
    return staged;
  });
  const csv = Buffer.from('subscriber_id,eventTimestamp,minutes\na,2026-01-01,1\n');
  const { digest: artifact } = await features.artifacts.put(csv, 'text/csv');
  const job = await features.fileIngest.ingest({ view: 'usage', artifact, format: 'CSV' }, ENGINEER);
  expect(await features.finished(job)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  expect(await features.fileIngest.batchesOf([job.id])).toHaveLength(1);
  expect((await features.quality.statistics('usage', {}))[0].count).toBe(1);
});
