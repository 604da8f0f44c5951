import { randomUUID } from 'node:crypto';
import { DriftReport } from '../../../src/entities';
import { InvalidInput, NotFound, StaleRevision } from '../../../src/errors';
import { inTransaction } from '../../../src/services/database';
import { AlertService } from '../../../src/services/monitoring';
import { aCandidate, engineer, openRegistry, type RegistryFixture, viewer } from '../../support/registry-fixture';

let registry: RegistryFixture;
let alerts: AlertService;
beforeAll(async () => {
  registry = await openRegistry();
  alerts = new AlertService(registry);
});
afterAll(() => registry.close());

/** A model with one version, and what raises alerts of it. */
async function drifting(name: string) {
  const model = await registry.models.create({ name, taskType: 'BINARY_CLASSIFICATION' }, engineer);
  const { modelVersion } = await registry.versions.submit(model.id, aCandidate(), {}, engineer);
  const modelVersionId = modelVersion?.id ?? '';
  const raise = (severity: 'WARNING' | 'CRITICAL' = 'WARNING') =>
    inTransaction(registry.dataSource, async (manager) => {
      const driftReportId = randomUUID();
      const windows = { windowStart: new Date(0), windowEnd: new Date(1), createdBy: 'ada', jobId: randomUUID() };
      const ids = { modelId: model.id, modelVersionId };
      await manager.insert(DriftReport, { id: driftReportId, ...ids, ...windows, status: 'RUNNING' });
      return alerts.raise(manager, { ...ids, driftReportId, severity, title: 'It drifts', causes: ['x'] }, engineer);
    });
  return { model, raise };
}

const read = async (id: string) => (await alerts.find([id]))[0];

describe('An alert', () => {
  it('is acknowledged, then resolved, each with the actor, an audit entry and an event', async () => {
    const { model, raise } = await drifting('handled');
    const id = await raise();
    expect(await alerts.acknowledge({ id, revision: 1 }, engineer)).toMatchObject({
      status: 'ACKNOWLEDGED',
      acknowledgedBy: 'ada',
      resolvedBy: null,
      revision: 2,
    });
    expect(await alerts.resolve({ id, revision: 2 }, { ...engineer, name: 'bob' })).toMatchObject({
      status: 'RESOLVED',
      acknowledgedBy: 'ada',
      resolvedBy: 'bob',
      revision: 3,
    });
    const entries = await registry.dataSource.query<{ action: string; actor: string }[]>(
      'SELECT action, actor FROM audit_entries WHERE subject = $1 ORDER BY sequence',
      [`Alert:${id}`],
    );
    expect(entries).toEqual([
      { action: 'alert.raise', actor: expect.any(String) as unknown },
      { action: 'alert.acknowledge', actor: 'ada' },
      { action: 'alert.resolve', actor: 'bob' },
    ]);
    const events = await registry.dataSource.query<{ change: string }[]>(
      `SELECT payload ->> 'change' AS change FROM outbox_events WHERE type = 'ALERT_CHANGED' AND model_id = $1 ORDER BY id`,
      [model.id],
    );
    expect(events.map(({ change }) => change)).toEqual(['RAISED', 'ACKNOWLEDGED', 'RESOLVED']);
    expect(await registry.audit.verify(model.id)).toMatchObject({ valid: true });
  });

  it('that is resolved can be neither acknowledged nor resolved again, and the error says who resolved it', async () => {
    const { raise } = await drifting('final');
    const id = await raise();
    await alerts.resolve({ id, revision: 1 }, engineer);
    for (const handle of [alerts.acknowledge.bind(alerts), alerts.resolve.bind(alerts)]) {
      await expect(handle({ id, revision: 2 }, engineer)).rejects.toThrow(InvalidInput);
      await expect(handle({ id, revision: 2 }, engineer)).rejects.toThrow(/^id: ada has resolved this alert, which is/);
    }
    expect(await read(id)).toMatchObject({ status: 'RESOLVED', revision: 2 });
  });

  it('that recurs keeps who took it on, and shows its newest severity', async () => {
    const { raise } = await drifting('recurs');
    const id = await raise('WARNING');
    await alerts.acknowledge({ id, revision: 1 }, engineer);
    expect(await raise('CRITICAL')).toBe(id);
    expect(await read(id)).toMatchObject({
      status: 'ACKNOWLEDGED',
      acknowledgedBy: 'ada',
      occurrences: 2,
      severity: 'CRITICAL',
      revision: 3,
    });
  });

  it('is one alert, whose occurrences are all counted, when many reports raise it at once', async () => {
    const { raise } = await drifting('crowded');
    const ids = await Promise.all(Array.from({ length: 8 }, () => raise()));
    expect(new Set(ids).size).toBe(1);
    expect(await read(ids[0])).toMatchObject({ occurrences: 8 });
  });

  it('is handled by one of two who read the same revision, and the other is told', async () => {
    const { raise } = await drifting('raced');
    const id = await raise();
    const race = await Promise.allSettled([
      alerts.acknowledge({ id, revision: 1 }, engineer),
      alerts.acknowledge({ id, revision: 1 }, { ...engineer, name: 'bob' }),
    ]);
    const lost = race.filter((result) => result.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.reason).toBeInstanceOf(StaleRevision);
    expect(String(lost[0]?.reason)).toMatch(/you have revision 1, it is at 2/);
  });

  it('is found by model and status, newest first', async () => {
    const { model, raise } = await drifting('listed');
    const old = await raise();
    await alerts.resolve({ id: old, revision: 1 }, engineer);
    const young = await raise();
    const list = async (status: 'OPEN' | 'RESOLVED' | null) =>
      (await alerts.list({ modelId: model.id, status }, { first: 10 })).rows.map(({ id }) => id);
    expect(await list(null)).toEqual([young, old]);
    expect(await list('OPEN')).toEqual([young]);
    expect(await list('RESOLVED')).toEqual([old]);
  });

  it('that does not exist cannot be handled, and none can be by a viewer', async () => {
    await expect(alerts.resolve({ id: randomUUID(), revision: 1 }, engineer)).rejects.toThrow(NotFound);
    await expect(alerts.resolve({ id: randomUUID(), revision: 1 }, viewer)).rejects.toThrow(
      /vic may not alert\.handle/,
    );
  });
});
