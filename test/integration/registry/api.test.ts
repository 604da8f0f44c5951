import type { Services } from '../../../src/schema/context';
import type { Actor } from '../../../src/services/identity';
import { executeOperation } from '../../support/execute-operation';
import { aCandidate, engineer, openRegistry, type RegistryFixture } from '../../support/registry-fixture';

const admin: Actor = { name: 'root', roles: ['ADMIN'], requestId: 'request-9' };
let registry: RegistryFixture;
beforeAll(async () => {
  registry = await openRegistry();
  const { id } = await registry.models.create({ name: 'churn', taskType: 'BINARY_CLASSIFICATION' }, engineer);
  for (let version = 1; version <= 2; version++) await registry.versions.submit(id, aCandidate(), {}, engineer);
});
afterAll(() => registry.close());

function ask(source: string, variableValues: Record<string, unknown> = {}, actor: Actor = engineer): Promise<unknown> {
  const { reader, models, versions, stages, catalog, requests } = registry;
  const services: Partial<Services> = {
    registry: reader,
    models,
    versions,
    stages,
    catalog,
    transitionRequests: requests,
  };
  return executeOperation(services, actor, source, variableValues);
}

describe('The API of approvals', () => {
  it('asks, votes and shows who said what, with one request to read it all', async () => {
    const rules = `mutation {
      setApprovalRules(input: { model: "churn", revision: 1, rules: [{ toStage: STAGING, role: ENGINEER }] }) {
        model { revision approvalRules { toStage approvals role expiresAfterHours } } userErrors { code }
      }
    }`;
    await expect(ask(rules)).rejects.toThrow(/ada may not model\.setApprovalRules/);
    await expect(ask(rules, {}, admin)).resolves.toEqual({
      setApprovalRules: {
        model: {
          revision: 2,
          approvalRules: [{ toStage: 'STAGING', approvals: 1, role: 'ENGINEER', expiresAfterHours: 72 }],
        },
        userErrors: [],
      },
    });
    const move = 'model: "churn", version: 2, expectedStage: NONE, toStage: STAGING';
    await expect(
      ask(`mutation { transitionModelVersion(input: { ${move} }) { transition { id } userErrors { code field } } }`),
    ).resolves.toEqual({
      transitionModelVersion: {
        transition: null,
        userErrors: [{ code: 'APPROVAL_REQUIRED', field: ['input', 'toStage'] }],
      },
    });
    const { requestTransition } = (await ask(
      `mutation { requestTransition(input: { ${move}, reason: "Try it" }) { request { id status } userErrors { code } } }`,
    )) as { requestTransition: { request: { id: string; status: string } } };
    const { id, status } = requestTransition.request;
    expect(status).toBe('PENDING');
    const approve = `mutation ($id: ID!) {
      approveTransition(input: { id: $id, comment: "Go" }) { request { status } userErrors { code } }
    }`;
    await expect(ask(approve, { id })).resolves.toEqual({
      approveTransition: { request: null, userErrors: [{ code: 'SELF_APPROVAL' }] },
    });
    await ask(approve, { id }, { name: 'bob', roles: ['ENGINEER'], requestId: 'request-2' });
    await expect(
      ask(`{
        transitionRequests(model: "churn", status: APPROVED) {
          nodes {
            status reason requestedBy model { name } modelVersion { version stage }
            votes { actor approved comment } transition { toStage }
          }
          totalCount
        }
      }`),
    ).resolves.toEqual({
      transitionRequests: {
        nodes: [
          {
            status: 'APPROVED',
            reason: 'Try it',
            requestedBy: 'ada',
            model: { name: 'churn' },
            modelVersion: { version: 2, stage: 'STAGING' },
            votes: [{ actor: 'bob', approved: true, comment: 'Go' }],
            transition: { toStage: 'STAGING' },
          },
        ],
        totalCount: 1,
      },
    });
    await ask(
      'mutation { setApprovalRules(input: { model: "churn", revision: 2, rules: [] }) { userErrors { code } } }',
      {},
      admin,
    );
  });
});

describe('The API of the catalog', () => {
  it('sets, lists, resolves and removes aliases', async () => {
    const set = (version: number, alias: string) =>
      ask(
        `mutation ($version: Int!, $alias: String!) {
          setModelAlias(input: { model: "churn", version: $version, alias: $alias }) {
            modelVersion { version aliases } userErrors { code field }
          }
        }`,
        { version, alias },
      );
    await expect(set(1, 'champion')).resolves.toEqual({
      setModelAlias: { modelVersion: { version: 1, aliases: ['champion'] }, userErrors: [] },
    });
    await set(2, 'challenger');
    await expect(set(1, 'latest')).resolves.toEqual({
      setModelAlias: { modelVersion: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'alias'] }] },
    });
    await expect(ask('{ model(name: "churn") { aliases { alias setBy modelVersion { version } } } }')).resolves.toEqual(
      {
        model: {
          aliases: [
            { alias: 'challenger', setBy: 'ada', modelVersion: { version: 2 } },
            { alias: 'champion', setBy: 'ada', modelVersion: { version: 1 } },
          ],
        },
      },
    );
    const byAlias = '{ modelVersion(model: "churn", alias: "challenger") { version } }';
    await expect(ask(byAlias)).resolves.toEqual({ modelVersion: { version: 2 } });
    await ask('mutation { deleteModelAlias(input: { model: "churn", alias: "challenger" }) { userErrors { code } } }');
    await expect(ask(byAlias)).resolves.toEqual({ modelVersion: null });
    await expect(ask('{ modelVersion(model: "churn", alias: "champion", version: 1) { version } }')).rejects.toThrow(
      /exactly one of version, stage and alias/,
    );
  });

  it.each(['1.5', '"1"', '99999999999', 'true'])('13: takes no %s for the number of a version', async (version) => {
    await expect(ask(`{ modelVersion(model: "churn", version: ${version}) { id } }`)).rejects.toThrow(
      /Int cannot represent/,
    );
  });

  it('16: deletes a version with its aliases, and finds it by no id any more', async () => {
    const { modelVersion } = (await ask('{ modelVersion(model: "churn", alias: "champion") { id revision } }')) as {
      modelVersion: { id: string; revision: number };
    };
    await expect(
      ask(
        `mutation ($revision: Int!) {
          deleteModelVersion(input: { model: "churn", version: 1, revision: $revision, reason: "leaks" }) {
            modelVersion { version aliases } userErrors { code }
          }
        }`,
        { revision: modelVersion.revision },
      ),
    ).resolves.toEqual({ deleteModelVersion: { modelVersion: { version: 1, aliases: [] }, userErrors: [] } });
    await expect(
      ask(
        `query ($id: ID!) {
          node(id: $id) { id }
          byAlias: modelVersion(model: "churn", alias: "champion") { id }
          model(name: "churn") { aliases { alias } latestVersion { version } versions { nodes { version } totalCount } }
        }`,
        { id: modelVersion.id },
      ),
    ).resolves.toEqual({
      node: null,
      byAlias: null,
      model: { aliases: [], latestVersion: { version: 2 }, versions: { nodes: [{ version: 2 }], totalCount: 1 } },
    });
  });

  it('deletes a model, lists it among the deleted and brings it back', async () => {
    await expect(
      ask(
        'mutation { deleteModel(input: { model: "churn", revision: 3 }) { model { name revision } userErrors { code } } }',
      ),
    ).resolves.toEqual({ deleteModel: { model: { name: 'churn', revision: 4 }, userErrors: [] } });
    const { deletedModels, model } = (await ask(
      '{ model(name: "churn") { id } deletedModels { nodes { id name deletedAt } } }',
    )) as { model: null; deletedModels: { nodes: { id: string; name: string; deletedAt: string }[] } };
    expect(model).toBeNull();
    expect(deletedModels.nodes).toEqual([
      { id: expect.any(String), name: 'churn', deletedAt: expect.stringMatching(/Z$/) },
    ]);
    const [{ id }] = deletedModels.nodes;
    await expect(ask('query ($id: ID!) { node(id: $id) { id } }', { id })).resolves.toEqual({ node: null });
    await expect(
      ask(
        `mutation ($id: ID!) {
          restoreModel(input: { id: $id }) { model { name deletedAt versions { nodes { version } } } userErrors { code } }
        }`,
        { id },
      ),
    ).resolves.toEqual({
      restoreModel: {
        model: { name: 'churn', deletedAt: null, versions: { nodes: [{ version: 2 }] } },
        userErrors: [],
      },
    });
  });
});
