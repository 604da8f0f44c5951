import type { RetrainingRules } from '../../../src/entities';
import { InvalidInput, NotFound, StaleRevision } from '../../../src/errors';
import { RetrainingPolicyService } from '../../../src/services/orchestration';
import { engineer, openRegistry, type RegistryFixture, viewer } from '../../support/registry-fixture';

const RULES: RetrainingRules = {
  onDrift: true,
  cooldownSeconds: 0,
  lookbackSeconds: null,
  promotion: { automatic: true, metric: 'logLoss', minimumImprovement: 0, minimumHeldOutRows: 50 },
};

let registry: RegistryFixture;
let policies: RetrainingPolicyService;
beforeAll(async () => {
  registry = await openRegistry();
  policies = new RetrainingPolicyService(registry);
});
afterAll(() => registry.close());

const createModel = (name: string) => registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
const set = (model: string, changes: Partial<RetrainingRules> & { revision?: number } = {}) =>
  policies.set({ model, ...RULES, ...changes }, engineer);

describe('A retraining policy', () => {
  it('is none until it is set, then changes by one revision at a time, each in the audit trail', async () => {
    const { id } = await createModel('changing');
    expect(await policies.find(id)).toBeNull();
    await expect(policies.pause('changing', engineer)).rejects.toThrow(NotFound);
    expect(await set('changing')).toMatchObject({ revision: 1, paused: false, policy: RULES });
    await expect(set('changing')).rejects.toThrow('you have revision 0, it is at 1');
    expect(await set('changing', { revision: 1, cooldownSeconds: 60 })).toMatchObject({ revision: 2 });
    await expect(set('changing', { revision: 1 })).rejects.toThrow('you have revision 1, it is at 2');
    expect(await policies.find(id)).toMatchObject({ policy: { cooldownSeconds: 60 }, updatedBy: 'ada' });
    expect(await registry.audit.verify(id)).toMatchObject({ valid: true, entryCount: 3 });
  });

  it('can be paused and resumed without its rules being touched', async () => {
    await createModel('pausing');
    await set('pausing');
    expect(await policies.pause('pausing', engineer)).toMatchObject({ paused: true, revision: 2, policy: RULES });
    expect(await policies.resume('pausing', engineer)).toMatchObject({ paused: false, revision: 3, policy: RULES });
    await expect(policies.pause('pausing', viewer)).rejects.toThrow(/vic may not retraining\.configure/);
  });

  it('is set for the first time by exactly one of many at once', async () => {
    const { id } = await createModel('raced');
    const race = await Promise.allSettled([1, 2, 3, 4].map((cooldownSeconds) => set('raced', { cooldownSeconds })));
    const won = race.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(await policies.find(id)).toEqual(won[0]?.value);
    const reasons = race.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
    expect(reasons.every((reason) => reason instanceof StaleRevision)).toBe(true);
  });

  it('is not set at a revision that does not exist yet', async () => {
    const { id } = await createModel('ahead');
    await expect(set('ahead', { revision: 1 })).rejects.toThrow('you have revision 1, it is at 0');
    expect(await policies.find(id)).toBeNull();
  });

  const { promotion } = RULES;
  it.each<[Partial<RetrainingRules>, RegExp]>([
    [{ cooldownSeconds: -1 }, /cooldownSeconds: -1 is not/],
    [{ cooldownSeconds: 1e12 }, /cooldownSeconds: 1000000000000 is not a number of seconds from 0 to a hundred years/],
    [{ lookbackSeconds: 0 }, /lookbackSeconds: 0 is not .* leave it out to take all labelled rows/],
    [{ promotion: { ...promotion, metric: 'beauty' } }, /promotion\.metric: "beauty" is not one of accuracy, auc, /],
    [{ promotion: { ...promotion, minimumImprovement: -0.1 } }, /minimumImprovement: -0\.1 must not be negative/],
    [{ promotion: { ...promotion, minimumHeldOutRows: 0 } }, /minimumHeldOutRows: 0 is not a whole number from 1/],
  ])('is refused with %j', async (changes, problem) => {
    if (!(await registry.models.find('any'))) await createModel('any');
    await expect(set('any', changes)).rejects.toThrow(InvalidInput);
    await expect(set('any', changes)).rejects.toThrow(problem);
  });
});
