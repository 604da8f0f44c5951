import { InvalidInput, NotFound, NotServable, Overloaded, ShuttingDown } from '../../../src/errors';
import { PredictionLog } from '../../../src/services/predictions';
import { ScorerCache, ServingService } from '../../../src/services/serving';
import { ENGINEER, VIEWER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';
import { subscribers } from '../../support/subscribers';

let operation: OperationFixture;

beforeAll(async () => {
  operation = await OperationFixture.open();
  const { features } = operation;
  await features.defineSubscribers();
  await features.ingestSubscribers(5, [1]);
  await features.finished(await features.materializations.materialize({ views: ['usage'] }, ENGINEER));
  const service = await features.services.findByName('churn_features');
  await operation.inProduction('served', { featureServiceVersionId: service?.versionId });
});
afterAll(() => operation.close());

const [person] = subscribers(1, 'one');
const predict = (input: Partial<Parameters<ServingService['predict']>[0]>) =>
  operation.serving.predict({ model: 'served', ...input }, ENGINEER);

describe('A prediction', () => {
  it('for given features has the probability of the model, and is in the log when it is answered', async () => {
    const answer = await predict({ features: person.features });
    expect(answer.probability).toBeCloseTo(person.probability, 6);
    expect(answer).toMatchObject({ variant: 'PRIMARY', label: answer.probability >= 0.5, entity: null, actor: 'ada' });
    const [logged] = await operation.predictions.find([answer.id]);
    expect({ ...logged, latencyMs: 0 }).toEqual({ ...answer, latencyMs: 0 });
    expect(logged?.latencyMs).toBeCloseTo(answer.latencyMs, 3);
  });

  it('of a version that is not in production is outside of the traffic', async () => {
    await operation.inProduction('former');
    const ask = () => predict({ model: 'former', version: 1, features: person.features });
    expect((await ask()).variant).toBe('PRIMARY');
    const move = { model: 'former', version: 1, expectedStage: 'PRODUCTION', toStage: 'ARCHIVED' } as const;
    await operation.stages.transition(move, ENGINEER);
    const { id, variant } = await ask();
    expect(variant).toBeNull();
    expect((await operation.predictions.find([id]))[0]?.variant).toBeNull();
  });

  it('for an entity takes its features from the online store, and keeps them as they were served', async () => {
    const answer = await predict({ entity: { subscriber_id: 's1', comment: 'not a join key' } });
    expect(answer).toMatchObject({
      entity: { subscriber_id: 's1' },
      features: { minutes: 3, plan: 'flat', calls: '2' },
      featureStatuses: {},
    });
    const given = await predict({ features: { calls: 2, plan: 'flat', minutes: 3 } });
    expect([given.probability, given.featuresHash]).toEqual([answer.probability, answer.featuresHash]);
  });

  it('for an entity takes on-demand features as others, and is refused where an expression alone has a value', async () => {
    const service = await operation.features.services.apply(
      {
        name: 'computed_calls',
        features: [{ view: 'usage', fields: ['minutes', 'plan'] }],
        onDemandFeatures: [{ name: 'calls', expression: 'if(minutes > 2, 2, 1)' }],
      },
      ENGINEER,
    );
    await operation.inProduction('computed', { featureServiceVersionId: service.versionId });
    const answer = await predict({ model: 'computed', entity: { subscriber_id: 's1' } });
    expect(answer.features).toEqual({ minutes: 3, plan: 'flat', calls: '2' });
    const same = await predict({ entity: { subscriber_id: 's1' } });
    expect(answer.probability).toBe(same.probability);
    await expect(predict({ model: 'computed', entity: { subscriber_id: 'nobody' } })).rejects.toThrow(
      'There is no entity in the online store "subscriber_id = nobody"',
    );
  });

  it('says which features were null, and has another hash for other features', async () => {
    const a = await predict({ features: { minutes: null, plan: 'flat', calls: 1 } });
    const b = await predict({ features: { minutes: 100, plan: 'flat', calls: 1 } });
    expect(a.featureStatuses).toEqual({ minutes: 'NULL' });
    expect(a.probability).toBe(b.probability);
    expect(a.featuresHash).not.toBe(b.featuresHash);
  });

  it('is refused with the reason: unknown entity, missing key, both or neither of entity and features', async () => {
    await expect(predict({ entity: { subscriber_id: 'nobody' } })).rejects.toThrow(
      'There is no entity in the online store "subscriber_id = nobody". Ingest its features and materialize them, or give features.',
    );
    await expect(predict({ entity: {} })).rejects.toThrow(/entity\.subscriber_id: is missing/);
    await expect(predict({})).rejects.toThrow(/give exactly one of entity and features/);
    await expect(predict({ entity: {}, features: {} })).rejects.toThrow(InvalidInput);
    await expect(predict({ model: 'nobody', features: {} })).rejects.toThrow(NotFound);
    await expect(predict({ version: 9, features: {} })).rejects.toThrow(/It has version 1\./);
    const asViewer = operation.serving.predict({ model: 'served', features: person.features }, VIEWER);
    await expect(asViewer).rejects.toThrow(/vic may not prediction\.make/);
  });

  it('is refused by a version that cannot serve, or is asked by entity and has no feature service', async () => {
    const features = person.features;
    await operation.inProduction('stored', { notServableReason: 'It is a pickle.' });
    await expect(predict({ model: 'stored', features })).rejects.toThrow(
      new NotServable('stored 1', 'It is a pickle.'),
    );
    const { model } = await operation.inProduction('unfed');
    const { id } = (await operation.versions.production(model.id))!;
    await operation.dataSource.query('UPDATE model_versions SET feature_service_version_id = NULL WHERE id = $1', [id]);
    await expect(predict({ model: 'unfed', entity: { subscriber_id: 's1' } })).rejects.toThrow(
      /no feature service, so the features must be given/,
    );
    await expect(predict({ model: 'unfed', features })).resolves.toMatchObject({ modelVersionId: id });
  });

  it('comes from the version of the stage or number asked for, and from the promoted one as soon as it is promoted', async () => {
    const { features } = person;
    const first = (await operation.inProduction('moving')).version;
    const baseline = { modelVersionId: first.id, rowCount: 500, production: { auc: 0.8 }, candidate: { auc: 0.9 } };
    const answering = async (choice: object) =>
      (await predict({ model: 'moving', features, ...choice })).modelVersionId;
    expect(await answering({})).toBe(first.id);
    const second = (await operation.inProduction('moving', { baseline })).version;
    expect(await answering({})).toBe(second.id);
    expect(await answering({ stage: 'ARCHIVED' })).toBe(first.id);
    expect(await answering({ version: 1 })).toBe(first.id);
    await expect(answering({ version: 1, stage: 'PRODUCTION' })).rejects.toThrow(
      /exactly one of version, stage and alias/,
    );
  });

  it('is not answered when it cannot be logged', async () => {
    const log = new PredictionLog(operation);
    await log.close();
    const scorers = new ScorerCache(operation.artifacts);
    const { versions, features } = operation;
    const observer = { predicted: () => undefined, failed: () => undefined };
    const serving = new ServingService({ versions, online: features.online, log, scorers, observer });
    const answer = serving.predict({ model: 'served', features: person.features }, ENGINEER);
    await expect(answer).rejects.toThrow(ShuttingDown);
    await scorers.close();
  });
});

describe('A batch of predictions', () => {
  it('answers every row at its place, with a prediction or with its error', async () => {
    const rows = [person.features, { ...person.features, minutes: 'many' }, { minutes: 1 }, person.features];
    const results = await operation.serving.predictBatch({ model: 'served', rows }, ENGINEER);
    expect(results.map(({ prediction }) => prediction !== null)).toEqual([true, false, false, true]);
    expect(results.map(({ error }) => error?.field ?? null)).toEqual([
      null,
      ['input', 'rows', '1', 'minutes'],
      ['input', 'rows', '2', 'plan'],
      null,
    ]);
    expect(results[0]?.prediction?.probability).toBe(results[3]?.prediction?.probability);
  });

  it('answers every entity at its place, also where others are unknown or named wrongly', async () => {
    const entities: Record<string, string>[] = [
      { subscriber_id: 's1' },
      { subscriber_id: 'nobody' },
      { id: 's2' },
      { subscriber_id: 's2' },
    ];
    const results = await operation.serving.predictBatch({ model: 'served', entities }, ENGINEER);
    expect(results.map(({ prediction, error }) => prediction?.features.minutes ?? error?.code)).toEqual([
      3,
      'NOT_FOUND',
      'INVALID_INPUT',
      4.5,
    ]);
    expect(results[2]?.error?.field).toEqual(['input', 'entities', '2', 'subscriber_id']);
  });

  it('is logged with all its rows, and told to the observer once', async () => {
    const rows = subscribers(300, 'batch').map(({ features }) => features);
    operation.observed.length = 0;
    const results = await operation.serving.predictBatch({ model: 'served', rows }, ENGINEER);
    const logged = await operation.predictions.find(results.map(({ prediction }) => prediction?.id ?? ''));
    expect(logged).toHaveLength(300);
    expect(operation.observed).toEqual([
      [expect.objectContaining({ model: 'served', version: 1, variant: 'PRIMARY' }), expect.any(Number), 300],
    ]);
  });

  it('tells the observer of every row without a prediction, with the code and whether there is such a model', async () => {
    const model = await operation.models.find('served');
    const production = await operation.versions.production(model?.id ?? '');
    const known = { model: 'served', isKnown: true, modelVersionId: production?.id };
    const told = async (work: () => Promise<unknown>) => {
      operation.observed.length = 0;
      await work().catch(() => undefined);
      return operation.observed.filter(([failure]) => 'code' in (failure as object));
    };
    const rows = [person.features, { minutes: 1 }, { ...person.features, minutes: 'many' }];
    const invalid = [{ ...known, code: 'INVALID_INPUT' }, 1];
    expect(await told(() => operation.serving.predictBatch({ model: 'served', rows }, ENGINEER))).toEqual([
      invalid,
      invalid,
    ]);
    expect(await told(() => predict({ features: { minutes: 1 } }))).toEqual([invalid]);
    const entities = [{ subscriber_id: 'nobody' }];
    expect(await told(() => operation.serving.predictBatch({ model: 'served', entities }, ENGINEER))).toEqual([
      [{ ...known, code: 'NOT_FOUND' }, 1],
    ]);
    const unknown = { model: 'nobody', isKnown: false, modelVersionId: null };
    expect(await told(() => operation.serving.predictBatch({ model: 'nobody', rows }, ENGINEER))).toEqual([
      [{ ...unknown, code: 'NOT_FOUND' }, 3],
    ]);
    expect(await told(() => operation.serving.predict({ model: 'nobody' }, ENGINEER))).toEqual([
      [{ ...unknown, code: 'INVALID_INPUT' }, 1],
    ]);
    expect(await told(() => operation.serving.predict({ model: 'served', features: {} }, VIEWER))).toEqual([
      [{ ...known, isKnown: false, code: 'FORBIDDEN' }, 1],
    ]);
  });

  it('has 1 to 1,000 rows', async () => {
    const rows = Array.from({ length: 1001 }, () => person.features);
    for (const wrong of [[], rows]) {
      const answer = operation.serving.predictBatch({ model: 'served', rows: wrong }, ENGINEER);
      await expect(answer).rejects.toThrow(`rows: ${wrong.length} rows in one request; send 1 to 1000`);
    }
  });

  it('is turned away at once while too many rows are in progress, and taken again after them', async () => {
    const rows = subscribers(1000, 'crowd').map(({ features }) => features);
    const ask = () => operation.serving.predictBatch({ model: 'served', rows }, ENGINEER);
    const crowd = await Promise.allSettled(Array.from({ length: 22 }, ask));
    const refused = crowd.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }: { reason: unknown }) => reason instanceof Overloaded)).toEqual([true, true]);
    await expect(ask()).resolves.toHaveLength(1000);
  });
});
