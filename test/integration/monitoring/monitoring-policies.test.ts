import { InvalidInput, NotFound, StaleRevision } from '../../../src/errors';
import { createLogger } from '../../../src/logger';
import { JobSchedules } from '../../../src/services/jobs';
import { MonitoringPolicyService, type SetMonitoringPolicyInput } from '../../../src/services/monitoring';
import { engineer, openRegistry, type RegistryFixture, viewer } from '../../support/registry-fixture';

let registry: RegistryFixture;
let policies: MonitoringPolicyService;
beforeAll(async () => {
  registry = await openRegistry();
  const schedules = new JobSchedules({ ...registry, logger: createLogger('silent') });
  policies = new MonitoringPolicyService({ ...registry, schedules });
});
afterAll(() => registry.close());

const createModel = (name: string) => registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);

describe('A monitoring policy', () => {
  it('is the default one, set by nobody, at revision 0 until one is set', async () => {
    const { id } = await createModel('unset');
    expect(await policies.get(id)).toEqual({
      modelId: id,
      policy: {
        klThreshold: 0.1,
        jsThreshold: 0.1,
        alpha: 0.05,
        minimumRows: 200,
        minimumLabels: 100,
        driftedShare: null,
        featureThresholds: [],
        segmentFeature: null,
      },
      driftWindowSeconds: null,
      revision: 0,
      updatedBy: null,
      updatedAt: null,
    });
  });

  it('changes in what is given, by one revision at a time, each in the audit trail', async () => {
    const { id } = await createModel('changing');
    expect(await policies.set({ model: 'changing', klThreshold: 0.3 }, engineer)).toMatchObject({ revision: 1 });
    const second = await policies.set({ model: 'changing', revision: 1, alpha: 0.01, klThreshold: null }, engineer);
    expect(second).toMatchObject({ revision: 2, updatedBy: 'ada', policy: { klThreshold: 0.3, alpha: 0.01 } });
    expect(await policies.get(id)).toEqual(second);
    const actions = await registry.dataSource.query<{ action: string; details: object }[]>(
      `SELECT action, details FROM audit_entries WHERE action = 'monitoring.setPolicy' AND subject = $1 ORDER BY sequence`,
      [`Model:${id}`],
    );
    expect(actions.map(({ details }) => details)).toEqual([
      expect.objectContaining({ klThreshold: 0.3, alpha: 0.05 }),
      expect.objectContaining({ klThreshold: 0.3, alpha: 0.01 }),
    ]);
  });

  it('takes the share, single thresholds and the segment, and gives each of them up again', async () => {
    await createModel('chosen');
    const choices = {
      driftedShare: 0.5,
      featureThresholds: [{ feature: 'age', klThreshold: 0.4 }],
      segmentFeature: 'plan',
    };
    expect((await policies.set({ model: 'chosen', ...choices }, engineer)).policy).toMatchObject(choices);
    const kept = await policies.set({ model: 'chosen', revision: 1, alpha: 0.01 }, engineer);
    expect(kept.policy).toMatchObject({ ...choices, alpha: 0.01 });
    const none = { driftedShare: 0, featureThresholds: [], segmentFeature: '' };
    const given = await policies.set({ model: 'chosen', revision: 2, ...none }, engineer);
    expect(given.policy).toMatchObject({ driftedShare: null, featureThresholds: [], segmentFeature: null });
  });

  it('of before a rule was there has its default, and takes it', async () => {
    const { id } = await createModel('older');
    await registry.dataSource.query(
      `INSERT INTO monitoring_policies (model_id, policy, updated_by) VALUES ($1, '{"klThreshold": 0.2}', 'ada')`,
      [id],
    );
    expect((await policies.get(id)).policy).toMatchObject({
      klThreshold: 0.2,
      driftedShare: null,
      segmentFeature: null,
    });
    const changed = await policies.set({ model: 'older', revision: 1, driftedShare: 0.5 }, engineer);
    expect(changed.policy).toMatchObject({ klThreshold: 0.2, alpha: 0.05, driftedShare: 0.5 });
  });

  it('is not changed by who read an older revision, or none, and the error has the present one', async () => {
    await createModel('stale');
    await policies.set({ model: 'stale', alpha: 0.01 }, engineer);
    await policies.set({ model: 'stale', revision: 1, alpha: 0.02 }, engineer);
    for (const revision of [null, 0, 1, 3]) {
      const late = policies.set({ model: 'stale', revision, alpha: 0.03 }, engineer);
      await expect(late).rejects.toThrow(`you have revision ${revision ?? 0}, it is at 2`);
    }
  });

  it.each([1, 2])('is written by exactly one of many who set revision %i at once', async (target) => {
    const name = `raced-${target}`;
    const { id } = await createModel(name);
    if (target === 2) await policies.set({ model: name, alpha: 0.01 }, engineer);
    const race = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) =>
        policies.set({ model: name, revision: target - 1, klThreshold: 0.2 + index }, engineer),
      ),
    );
    const won = race.filter((result) => result.status === 'fulfilled');
    const lost = race.filter((result) => result.status === 'rejected');
    expect(won).toHaveLength(1);
    expect(await policies.get(id)).toEqual(won[0]?.value);
    for (const { reason } of lost) {
      expect(reason).toBeInstanceOf(StaleRevision);
      expect(String(reason)).toMatch(`it is at ${target}`);
    }
  });

  it.each<[Partial<SetMonitoringPolicyInput>, RegExp]>([
    [{ klThreshold: 0 }, /klThreshold: 0 is not greater than 0/],
    [{ jsThreshold: 0.9 }, /jsThreshold: 0\.9 is not .* √ln 2 the greatest distance there is/],
    [{ alpha: 1 }, /alpha: 1 is not greater than 0 and less than 1; \.05 is usual/],
    [{ minimumRows: 1.5 }, /minimumRows: 1\.5 is not a whole number/],
    [{ minimumLabels: NaN }, /minimumLabels: NaN/],
    [{ driftedShare: 1.1 }, /driftedShare: 1\.1 is not from 0 to 1/],
    [
      { featureThresholds: [{ feature: 'age', klThreshold: -1 }] },
      /featureThresholds\.0\.klThreshold: -1 is not greater/,
    ],
    [{ featureThresholds: ['age', 'age'].map((feature) => ({ feature, klThreshold: 1 })) }, /age is there twice/],
  ])('is refused with %j', async (changes, problem) => {
    await registry.models.find('refused').then((model) => model ?? createModel('refused'));
    const refused = policies.set({ model: 'refused', ...changes }, engineer);
    await expect(refused).rejects.toThrow(InvalidInput);
    await expect(policies.set({ model: 'refused', ...changes }, engineer)).rejects.toThrow(problem);
  });

  it('is refused to a viewer, and for a model that does not exist', async () => {
    await expect(policies.set({ model: 'nobody', alpha: 0.1 }, engineer)).rejects.toThrow(NotFound);
    await expect(policies.set({ model: 'nobody', alpha: 0.1 }, viewer)).rejects.toThrow(/vic may not/);
  });
});
