import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parse, validate } from 'graphql';
import { TASK_TYPES } from '../../../src/entities/enums';
import { buildApiSchema } from '../../../src/server/build-schema';
import { VALIDATION_RULES } from '../../../src/server/limits';
import { checkEvaluationReport } from '../../../src/services/registry';
import { binaryEvaluation, multiclassEvaluation, regressionEvaluation } from '../../../src/services/statistics';
import { codeBlocks } from '../../support/markdown';
import { hasPythonModule, PYTHON } from '../../support/python';

const PAGE = fs.readFileSync(path.resolve(__dirname, '../../../docs/evaluation-report.md'), 'utf8');
const blocks = (language: string) => codeBlocks(PAGE).filter((block) => block.language === language);

describe('docs/evaluation-report.md', () => {
  it.each(TASK_TYPES.map((taskType, index) => [taskType, index] as const))(
    'has an example for %s that is right',
    (taskType, index) => {
      const { text } = blocks('json')[index];
      expect(checkEvaluationReport(Buffer.from(text), taskType)).toEqual(JSON.parse(text));
    },
  );

  it('has a query that the schema and its limits let through', () => {
    expect(validate(buildApiSchema(), parse(blocks('graphql')[0].text), VALIDATION_RULES)).toEqual([]);
  });

  it('names every field of the format in its table', () => {
    const fields = blocks('json').flatMap(({ text }) => Object.keys(JSON.parse(text) as object));
    const named = new Set(
      [...PAGE.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => cell.replaceAll('`', '').split(', ')),
    );
    expect(fields.filter((field) => !named.has(field))).toEqual([]);
    expect(named.size).toBeGreaterThan(10);
  });
});

/** Needs a Python with scikit-learn, by MOORING_TEST_PYTHON or as python3. */
const withScikitLearn = hasPythonModule('sklearn') ? describe : describe.skip;

withScikitLearn('The Python of docs/evaluation-report.md', () => {
  jest.setTimeout(120_000);

  /** The rows are made here, so that both sides look at the same ones. */
  const rows = Array.from({ length: 60 }, (_, row) => row);
  const probabilities = rows.map((row) => ((row * 37) % 61) / 61);
  const labels = rows.map((row) => Number((row * 17) % 60 < 60 * probabilities[row]));
  const classes = ['a', 'b', 'c'];
  const classLabels = rows.map((row) => (row * row) % 3);
  const classRows = rows.map((row) => [(row % 5) / 10, 0.3, 0.7 - (row % 5) / 10]);
  const actual = rows.map((row) => row + ((row * 7) % 11));
  const plans = rows.map((row) => (row % 4 === 0 ? null : `plan ${row % 4}`));

  const closeTo = (figure: number): unknown => expect.closeTo(figure, 12);
  const fromPython = (call: string): Buffer => {
    const names = classLabels.map((label) => classes[label]);
    const data = JSON.stringify({ labels, probabilities, names, classRows, classes, actual, rows, plans });
    const code = `${blocks('python')[0].text}\nimport sys\ndata = json.load(sys.stdin)\nsys.stdout.write(${call})\n`;
    return execFileSync(PYTHON, ['-W', 'ignore', '-c', code], { input: data });
  };

  it('writes a report of a binary classifier with the figures that are measured here', () => {
    const bytes = fromPython('binary_report(data["labels"], data["probabilities"], 0.4, {"plan": data["plans"]})');
    const report = checkEvaluationReport(bytes, 'BINARY_CLASSIFICATION');
    const { auc, averagePrecision, confusionMatrix, positiveCount } = binaryEvaluation(probabilities, labels, 0.4);
    expect(report).toMatchObject({ rowCount: 60, positiveCount, confusionMatrix });
    expect(report).toMatchObject({
      auc: expect.closeTo(auc ?? 0, 12),
      averagePrecision: expect.closeTo(averagePrecision ?? 0, 12),
    });
    expect(report?.segments.map(({ feature, value, rowCount }) => [feature, value, rowCount])).toEqual([
      ['plan', '(null)', 15],
      ['plan', 'plan 1', 15],
      ['plan', 'plan 2', 15],
      ['plan', 'plan 3', 15],
    ]);
  });

  it('writes one of a multiclass classifier', () => {
    const bytes = fromPython('multiclass_report(data["names"], data["classRows"], data["classes"])');
    const here = multiclassEvaluation(classRows.flat(), classLabels, classes);
    const report = checkEvaluationReport(bytes, 'MULTICLASS_CLASSIFICATION');
    expect(report).toMatchObject({
      confusionMatrix: here.confusionMatrix,
      classes: here.classes.map(({ name, rowCount }) => ({ name, rowCount })),
    });
    const figures = (classesOf: typeof here.classes) => classesOf.flatMap(({ auc, f1 }) => [auc ?? -1, f1 ?? -1]);
    const written = figures((report as typeof here).classes);
    expect(written).toEqual(figures(here.classes).map((figure) => closeTo(figure)));
  });

  it('writes one of a regression', () => {
    const bytes = fromPython('regression_report(data["actual"], data["rows"], {"plan": data["plans"]})');
    const { metrics, residualHistogram } = regressionEvaluation(rows, actual);
    const report = checkEvaluationReport(bytes, 'REGRESSION');
    expect(report?.metrics).toEqual({ rmse: expect.closeTo(metrics.rmse, 12), mae: expect.closeTo(metrics.mae, 12) });
    expect(report).toMatchObject({ residualHistogram: residualHistogram.map(({ rowCount }) => ({ rowCount })) });
  });
});
