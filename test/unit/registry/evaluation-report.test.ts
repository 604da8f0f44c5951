import fc from 'fast-check';
import type { TaskType } from '../../../src/entities';
import { InvalidInput } from '../../../src/errors';
import {
  checkEvaluationReport,
  type EvaluationReport,
  readEvaluationReport,
  type SegmentMetrics,
  serializeEvaluationReport,
} from '../../../src/services/registry';
import { binaryEvaluation, multiclassEvaluation, regressionEvaluation } from '../../../src/services/statistics';

const segments: SegmentMetrics[] = [
  { feature: 'plan', value: 'flat', rowCount: 2, metrics: { auc: 0.5 } },
  { feature: 'plan', value: '(null)', rowCount: 1, metrics: {} },
];
const BINARY = { ...binaryEvaluation([0.9, 0.6, 0.4, 0.1], [1, 0, 1, 0], 0.5), segments };
const MULTICLASS = { ...multiclassEvaluation([0.7, 0.2, 0.1, 0.1, 0.8, 0.1], [0, 2], ['a', 'b', 'c']), segments: [] };
const REGRESSION = { ...regressionEvaluation([1, 2, 3], [1, 3, 5]), segments };

const bytes = (json: unknown) => Buffer.from(JSON.stringify(json));
const jsonOf = (report: EvaluationReport): Record<string, unknown> =>
  JSON.parse(Buffer.from(serializeEvaluationReport(report)).toString()) as Record<string, unknown>;

/** The report with one value of it replaced, by its path; undefined removes it. */
function changed(report: EvaluationReport, path: readonly (string | number)[], value: unknown): Buffer {
  const json = jsonOf(report);
  const holder = path.slice(0, -1).reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], json);
  (holder as Record<string, unknown>)[path[path.length - 1]] = value;
  return bytes(json);
}

describe('An evaluation report', () => {
  it.each([BINARY, MULTICLASS, REGRESSION])('of $taskType comes back as it was written', (report) => {
    const written = serializeEvaluationReport(report);
    expect(readEvaluationReport(written)).toMatchObject(report);
    expect(checkEvaluationReport(written, report.taskType)).toMatchObject(report);
  });

  it('that is made here passes the check of uploads, whatever the rows', () => {
    const rows = fc.array(fc.tuple(fc.nat(20), fc.nat(2), fc.integer({ min: -99, max: 99 })), { minLength: 1 });
    fc.assert(
      fc.property(rows, (given) => {
        const p = given.map(([score]) => score / 20);
        const spread = p.flatMap((one) => [one, (1 - one) / 2, (1 - one) / 2]);
        const made = [
          binaryEvaluation(
            p,
            given.map(([, label]) => label % 2),
            0.3,
          ),
          multiclassEvaluation(
            spread,
            given.map(([, label]) => label),
            ['a', 'b', 'c'],
          ),
          regressionEvaluation(
            p,
            given.map(([, , actual]) => actual),
          ),
        ];
        for (const evaluation of made) {
          const report = { ...evaluation, segments: [] };
          expect(checkEvaluationReport(serializeEvaluationReport(report), report.taskType)).toMatchObject(report);
        }
      }),
    );
  });

  it.each([[null], [[]], [{}], ['text'], [{ format: 'mooring-evaluation-curves', formatVersion: 1 }], [{ curve: [] }]])(
    'in another format is its owner’s: %j',
    (json) => {
      expect(checkEvaluationReport(bytes(json), 'REGRESSION')).toBeNull();
      expect(readEvaluationReport(bytes(json))).toBeNull();
    },
  );

  it('of another Mooring is not read', () => {
    expect(readEvaluationReport(changed(BINARY, ['formatVersion'], 2))).toBeNull();
  });
});

describe('An uploaded evaluation report', () => {
  it.each<[string, Buffer, TaskType, string]>([
    ['no JSON', Buffer.from('{"auc": NaN}'), 'REGRESSION', 'report: must be JSON in UTF-8 (Unexpected token'],
    [
      'another version',
      changed(BINARY, ['formatVersion'], 2),
      'BINARY_CLASSIFICATION',
      'formatVersion: must be 1; found 2',
    ],
    [
      'another task',
      bytes(jsonOf(BINARY)),
      'REGRESSION',
      'taskType: is "BINARY_CLASSIFICATION", and the model is for REGRESSION. Give a report of this model',
    ],
    ['no task', changed(BINARY, ['taskType'], undefined), 'REGRESSION', 'taskType: is missing, and the model is for'],
    [
      'a count that is no number',
      changed(BINARY, ['segments', 1, 'rowCount'], '1'),
      'BINARY_CLASSIFICATION',
      'segments[1].rowCount: must be a whole number from 1 to 2147483647; found "1"',
    ],
    [
      'a segment that is larger than the whole',
      changed(BINARY, ['segments', 1, 'rowCount'], 5),
      'BINARY_CLASSIFICATION',
      'segments[1].rowCount: is 5, more than the 4 rows of the report',
    ],
    [
      'a segment that is there twice',
      changed(BINARY, ['segments', 1, 'value'], 'flat'),
      'BINARY_CLASSIFICATION',
      'segments[1]: is the second one of plan = "flat"; give each once',
    ],
    [
      'a metric that is null',
      changed(BINARY, ['metrics', 'auc'], null),
      'BINARY_CLASSIFICATION',
      'metrics.auc: must be a finite number; found null',
    ],
    [
      'a metric that no number can hold',
      Buffer.from(JSON.stringify(jsonOf(BINARY)).replace('"accuracy":0.5', '"accuracy":1e999')),
      'BINARY_CLASSIFICATION',
      'metrics.accuracy: must be a finite number; found Infinity',
    ],
    [
      'a metric without a name',
      changed(BINARY, ['metrics', ''], 1),
      'BINARY_CLASSIFICATION',
      'a name in metrics: must be a text of 1 to 250 characters; found ""',
    ],
    [
      'a field that is missing',
      changed(REGRESSION, ['points'], undefined),
      'REGRESSION',
      'points: is missing; give it, empty or null where it may be',
    ],
    [
      'a field that is not known',
      changed(BINARY, ['roc', 0, 'tpr'], 0),
      'BINARY_CLASSIFICATION',
      'roc[0].tpr: is not a field of the format; leave it out. There are threshold, falsePositiveRate, truePositiveRate',
    ],
    [
      'a share above 1',
      changed(BINARY, ['roc', 1, 'falsePositiveRate'], 1.5),
      'BINARY_CLASSIFICATION',
      'roc[1].falsePositiveRate: must be a number from 0 to 1; found 1.5',
    ],
    [
      'a list that is none',
      changed(BINARY, ['roc'], {}),
      'BINARY_CLASSIFICATION',
      'roc: must be a list; found an object',
    ],
    [
      'too many points',
      changed(REGRESSION, ['points'], Array(2001).fill({ predicted: 1, actual: 1 })),
      'REGRESSION',
      'points: has 2001 entries; 2000 are the most. Choose fewer of them',
    ],
    [
      'too many segments',
      changed(REGRESSION, ['segments'], Array(10_001).fill(segments[0])),
      'REGRESSION',
      'segments: has 10001 entries; 10000 are the most',
    ],
    [
      'counts of other rows',
      changed(BINARY, ['confusionMatrix', 'trueNegatives'], 3),
      'BINARY_CLASSIFICATION',
      'confusionMatrix: counts 6 rows, and rowCount is 4. Count the same rows in both',
    ],
    [
      'other positives',
      changed(BINARY, ['positiveCount'], 1),
      'BINARY_CLASSIFICATION',
      'confusionMatrix: truePositives and falseNegatives count 2 rows, and positiveCount is 1',
    ],
    [
      'a calibration of fewer rows',
      changed(REGRESSION, ['calibration', 0, 'rowCount'], 2),
      'REGRESSION',
      'calibration: counts 4 rows, and rowCount is 3',
    ],
    [
      'a bin upside down',
      changed(REGRESSION, ['residualHistogram', 0, 'lower'], 9),
      'REGRESSION',
      'residualHistogram[0]: lower is 9, above upper',
    ],
    [
      'one class twice',
      changed(MULTICLASS, ['classes', 1, 'name'], 'a'),
      'MULTICLASS_CLASSIFICATION',
      'classes[1].name: "a" is there twice',
    ],
    [
      'one class alone',
      changed(MULTICLASS, ['classes'], [MULTICLASS.classes[0]]),
      'MULTICLASS_CLASSIFICATION',
      'classes: has 1 entries; give at least two classes',
    ],
    [
      'a matrix with too few rows',
      changed(MULTICLASS, ['confusionMatrix'], [[1, 0, 0]]),
      'MULTICLASS_CLASSIFICATION',
      'confusionMatrix: has 1 rows; give one row and one column for each of the 3 classes',
    ],
    [
      'a matrix with too few columns',
      changed(MULTICLASS, ['confusionMatrix', 1], [0]),
      'MULTICLASS_CLASSIFICATION',
      'confusionMatrix[1]: has 1 columns',
    ],
    [
      'a class of other rows',
      changed(MULTICLASS, ['classes', 0, 'rowCount'], 2),
      'MULTICLASS_CLASSIFICATION',
      'confusionMatrix[0]: counts 1 rows, and classes[0].rowCount is 2',
    ],
  ])('is refused with %s', (_what, given, taskType, message) => {
    expect(() => checkEvaluationReport(given, taskType)).toThrow(InvalidInput);
    expect(() => checkEvaluationReport(given, taskType)).toThrow(message);
  });

  it('may name features that have no segments', () => {
    const given = changed(REGRESSION, ['unsegmentedFeatures'], ['plan']);
    expect(checkEvaluationReport(given, 'REGRESSION')).toMatchObject({ unsegmentedFeatures: ['plan'] });
    const wrong = changed(REGRESSION, ['unsegmentedFeatures'], [1]);
    expect(() => checkEvaluationReport(wrong, 'REGRESSION')).toThrow('unsegmentedFeatures[0]');
  });
});
