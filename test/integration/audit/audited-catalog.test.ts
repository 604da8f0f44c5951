import type { Actor } from '../../../src/services/identity';
import { type AuditedChange, entriesLeftBy } from '../../support/audited-changes';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

const MODEL = 'catalogued';
const admin: Actor = { ...engineer, roles: ['ADMIN'] };
const bob: Actor = { ...engineer, name: 'bob' };

let registry: RegistryFixture;
let modelId: string;
let requestId: string;

beforeAll(async () => {
  registry = await openRegistry();
  modelId = (await registry.models.create({ name: MODEL, taskType: 'BINARY_CLASSIFICATION' }, engineer)).id;
  for (let version = 1; version <= 2; version++) await registry.versions.submit(modelId, aCandidate(), {}, engineer);
});
afterAll(() => registry.close());

const version = async (number: number) => (await registry.versions.find({ model: MODEL, version: number }))!;
const revisionOf = async (model: string) => (await registry.models.get(model)).revision;
const ask = async (toStage: 'STAGING' | 'ARCHIVED') => {
  const input = { model: MODEL, version: 1, expectedStage: (await version(1)).stage, toStage };
  requestId = (await registry.requests.request(input, engineer)).id;
};

/** One after the other, on one model. */
const CHANGES: readonly AuditedChange[] = [
  {
    change: 'updateModelVersion, its tags',
    run: async () => {
      const { revision } = await version(1);
      return registry.catalog.update({ model: MODEL, version: 1, revision, tags: { team: 'growth' } }, engineer);
    },
    leaves: [['version.update', 'ModelVersion']],
    details: { version: 1, tags: { team: 'growth' } },
  },
  {
    change: 'setModelAlias',
    run: () => registry.catalog.setAlias({ model: MODEL, version: 1, alias: 'champion' }, engineer),
    leaves: [['alias.set', 'ModelVersion']],
    details: { alias: 'champion', formerVersionId: null },
  },
  {
    change: 'setModelAlias, to where it points already',
    run: () => registry.catalog.setAlias({ model: MODEL, version: 1, alias: 'champion' }, engineer),
    leaves: [],
  },
  {
    change: 'deleteModelAlias',
    run: () => registry.catalog.deleteAlias({ model: MODEL, alias: 'champion' }, engineer),
    leaves: [['alias.delete', 'ModelVersion']],
    details: { alias: 'champion' },
  },
  {
    change: 'deleteModelVersion',
    run: async () => {
      const { revision } = await version(2);
      return registry.catalog.delete({ model: MODEL, version: 2, revision, reason: 'wrong data' }, engineer);
    },
    leaves: [['version.delete', 'ModelVersion']],
    details: { version: 2, reason: 'wrong data' },
  },
  {
    change: 'setApprovalRules',
    run: async () => {
      const rules = [{ toStage: 'STAGING', approvals: 1, role: null, expiresAfterHours: 1 }] as const;
      const revision = await revisionOf(MODEL);
      return registry.models.setApprovalRules({ model: MODEL, revision, rules: [...rules] }, admin);
    },
    leaves: [['model.setApprovalRules', 'Model']],
  },
  {
    change: 'requestTransition',
    run: () => ask('STAGING'),
    leaves: [['transition.request', 'TransitionRequest']],
    details: { toStage: 'STAGING' },
  },
  {
    change: 'approveTransition, which makes the move',
    run: () => registry.requests.approve({ id: requestId }, bob),
    leaves: [
      ['version.transition', 'ModelVersion'],
      ['transition.approve', 'TransitionRequest'],
    ],
    details: { decided: true },
  },
  {
    change: 'rejectTransition',
    run: async () => {
      await ask('ARCHIVED');
      return registry.requests.reject({ id: requestId, comment: 'not yet' }, bob);
    },
    leaves: [
      ['transition.request', 'TransitionRequest'],
      ['transition.reject', 'TransitionRequest'],
    ],
    details: { comment: 'not yet' },
  },
  {
    change: 'updateModel, its name',
    run: async () =>
      registry.models.update({ model: MODEL, revision: await revisionOf(MODEL), name: 'renamed' }, engineer),
    leaves: [['model.update', 'Model']],
    details: { name: 'renamed' },
  },
  {
    change: 'deleteModel',
    run: async () => registry.models.delete({ model: 'renamed', revision: await revisionOf('renamed') }, engineer),
    leaves: [['model.delete', 'Model']],
  },
  {
    change: 'restoreModel',
    run: () => registry.models.restore({ id: modelId }, engineer),
    leaves: [['model.restore', 'Model']],
  },
];

describe('Every change of what is noted about models and versions', () => {
  it.each(CHANGES)('leaves its entries: $change', async (change) => {
    const { leaves, details, chains } = await entriesLeftBy(change, registry.dataSource);
    expect(leaves).toEqual(change.leaves);
    expect(details).toMatchObject(change.details ?? {});
    expect(chains).toEqual(leaves.length === 0 ? [] : [`model:${modelId}`]);
  });

  it('leaves a chain that verifies', async () => {
    expect(await registry.audit.verify(modelId)).toMatchObject({ valid: true });
  });
});
