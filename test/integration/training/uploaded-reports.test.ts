import { EvaluationReports, serializeEvaluationReport } from '../../../src/services/registry';
import { binaryEvaluation, multiclassEvaluation, regressionEvaluation } from '../../../src/services/statistics';
import { ENGINEER } from '../../support/features-fixture';
import { UploadFixture } from '../../support/upload-fixture';

let fixture: UploadFixture;
beforeAll(async () => {
  fixture = await UploadFixture.open();
});
afterAll(() => fixture.close());

const policy = { minimumEvaluationRows: 1, rules: [] };

/** Models that are kept and not run: it is about their reports. */
async function offered(model: string, report: Uint8Array | string) {
  const files = {
    model: await fixture.stored('a pickle', 'application/x-pickle'),
    evaluationReport: await fixture.stored(report),
  };
  return fixture.offer(model, await fixture.withFiles(files));
}

describe('The evaluation report of an uploaded model', () => {
  it.each([
    binaryEvaluation([0.9, 0.1], [1, 0], 0.5),
    multiclassEvaluation([0.9, 0.1, 0.2, 0.8], [0, 1], ['stays', 'leaves']),
    regressionEvaluation([1, 2], [1, 3]),
  ])('for $taskType is shown, and one in another form is not', async (evaluation) => {
    const { taskType } = evaluation;
    const reports = new EvaluationReports({ artifacts: fixture.keeper });
    await fixture.operation.models.create({ name: taskType, taskType, qualityPolicy: policy }, ENGINEER);
    const report = { ...evaluation, segments: [{ feature: 'x', value: '1', rowCount: 1, metrics: { any: 1 } }] };
    const { modelVersion } = await offered(taskType, serializeEvaluationReport(report));
    expect(await reports.of(modelVersion!)).toMatchObject(report);
    const { modelVersion: other } = await offered(taskType, '{"curve": []}');
    expect(await reports.of(other!)).toBeNull();
  });

  it('is refused at the place that is wrong, and nothing is written', async () => {
    await fixture.operation.createModel('misreported');
    const segments = [{ feature: 'x', value: '1', rowCount: 3, metrics: {} }];
    const wrong = serializeEvaluationReport({ ...binaryEvaluation([0.9, 0.1], [1, 0], 0.5), segments });
    await expect(offered('misreported', wrong)).rejects.toMatchObject({
      field: ['input', 'artifacts', 'evaluationReport'],
      message: 'artifacts.evaluationReport: segments[0].rowCount: is 3, more than the 2 rows of the report',
    });
    const other = serializeEvaluationReport({ ...regressionEvaluation([1], [2]), segments: [] });
    await expect(offered('misreported', other)).rejects.toThrow(
      /taskType: is "REGRESSION", and the model is for BINARY_CLASSIFICATION/,
    );
    expect((await fixture.operation.models.get('misreported')).lastVersion).toBe(0);
  });
});
