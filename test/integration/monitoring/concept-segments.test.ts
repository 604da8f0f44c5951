import type { DriftReport } from '../../../src/entities';
import { ENGINEER } from '../../support/features-fixture';
import { OperationFixture } from '../../support/operation-fixture';

let operation: OperationFixture;
beforeAll(async () => (operation = await OperationFixture.open()));
afterAll(() => operation.close());

/** A report on a window whose outcomes all follow a law of their own: a change far beyond what chance brings. */
async function reportOn(
  model: string,
  segmentFeature: string | null,
  { confounded = false, labelled = 1200 } = {},
): Promise<DriftReport> {
  await operation.inProduction(model);
  if (segmentFeature) await operation.policies.set({ model, segmentFeature }, ENGINEER);
  const { from, to } = await operation.predictWindow(model, 1200, { logit: 3, labelled });
  const { driftReport, job } = await operation.driftReports.run({ model, from, to, confounded }, ENGINEER);
  expect((await operation.features.finished(job)).status).toBe('SUCCEEDED');
  return (await operation.driftReports.find([driftReport.id]))[0];
}

describe('A drift report by segments', () => {
  it.each([
    ['plan', ['flat', 'meter', '(other)']],
    ['calls', ['below', 'from']],
  ])('looks at the concept in each part of the policy’s feature: %s', async (feature, names) => {
    const { result } = await reportOn(`by-${feature}`, feature);
    const concept = result?.concept;
    expect(concept).toMatchObject({ verdict: 'DRIFT', segmentFeature: feature });
    const segments = concept?.segments ?? [];
    expect(segments.length).toBeGreaterThanOrEqual(2);
    for (const { segment, verdict, labelledRowCount, rowCount } of segments) {
      expect(names.some((name) => segment.startsWith(name))).toBe(true);
      expect([verdict, labelledRowCount]).toEqual(['DRIFT', rowCount]);
    }
    expect(segments.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(1200);
    expect(concept?.confounded).toBeUndefined();
  });

  it('makes the confounded tests where they are asked for, and no segments where none are', async () => {
    const { result } = await reportOn('confounded', null, { confounded: true });
    expect(result?.concept.segments).toBeUndefined();
    const tests = result?.concept.confounded ?? [];
    expect(tests.map(({ measure }) => measure)).toContain('LOG_LOSS');
    expect(tests.every(({ pValue }) => pValue >= 0 && pValue <= 1)).toBe(true);
  });

  it('says so where the version does not have the feature, and where no outcome is known', async () => {
    const unknown = (await reportOn('unknown', 'age')).result?.concept;
    expect(unknown?.segments).toBeUndefined();
    expect(unknown?.note).toMatch(/No segments/);
    const unlabelled = (await reportOn('unlabelled', 'calls', { labelled: 0 })).result?.concept;
    expect(unlabelled?.verdict).toBe('INSUFFICIENT_LABELS');
    for (const { verdict, reason } of unlabelled?.segments ?? [])
      expect([verdict, reason]).toEqual(['INSUFFICIENT_LABELS', 'No outcome is known; it takes 100.']);
  });
});
