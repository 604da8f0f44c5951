import type { TaskType } from '../../entities';
import { InvalidInput } from '../../errors';
import {
  type BinaryEvaluation,
  type CalibrationPoint,
  type ClassEvaluation,
  MAX_CLASSES,
  MAX_SEGMENTS,
  type MulticlassEvaluation,
  type PrecisionRecallPoint,
  type RegressionEvaluation,
  type RocPoint,
  type SegmentMetrics,
} from '../statistics';
import { type EvaluationReport, FORMAT, FORMAT_VERSION } from './evaluation-report';
import {
  countFrom,
  exactly,
  finite,
  isObject,
  type JsonCheck,
  listOf,
  mapOf,
  name,
  objectOf,
  orNull,
  ratio,
  text,
} from '../../json-check';

/** Of one curve; those of trainings here have a few hundred. */
const MAX_POINTS = 2000;
const MAX_BINS = 500;
const MAX_METRICS = 200;

const metrics = mapOf(finite, MAX_METRICS);
const threshold = orNull(ratio);
const roc = listOf(objectOf<RocPoint>({ threshold, falsePositiveRate: ratio, truePositiveRate: ratio }), MAX_POINTS);
const precisionRecall = listOf(
  objectOf<PrecisionRecallPoint>({ threshold, recall: ratio, precision: ratio }),
  MAX_POINTS,
);
const calibration = listOf(
  objectOf<CalibrationPoint>({ meanPredicted: ratio, observedRatio: ratio, rowCount: countFrom(1) }),
  MAX_BINS,
);
const curves = { auc: orNull(ratio), averagePrecision: orNull(ratio), roc, precisionRecall, calibration };

const common = {
  format: exactly(FORMAT),
  formatVersion: exactly(FORMAT_VERSION),
  rowCount: countFrom(1),
  metrics,
  segments: listOf(
    objectOf<SegmentMetrics>({ feature: name, value: text, rowCount: countFrom(1), metrics }),
    MAX_SEGMENTS,
  ),
  unsegmentedFeatures: listOf(name, MAX_SEGMENTS),
};
const OPTIONAL = ['unsegmentedFeatures'] as const;

interface Common {
  readonly format: string;
  readonly formatVersion: number;
  readonly segments: readonly SegmentMetrics[];
  readonly unsegmentedFeatures?: readonly string[];
}

const binary = objectOf<BinaryEvaluation & Common>(
  {
    ...common,
    taskType: exactly('BINARY_CLASSIFICATION'),
    positiveCount: countFrom(0),
    decisionThreshold: ratio,
    confusionMatrix: objectOf({
      truePositives: countFrom(0),
      falsePositives: countFrom(0),
      trueNegatives: countFrom(0),
      falseNegatives: countFrom(0),
    }),
    ...curves,
  },
  OPTIONAL,
);

const multiclass = objectOf<MulticlassEvaluation & Common>(
  {
    ...common,
    taskType: exactly('MULTICLASS_CLASSIFICATION'),
    classes: listOf(
      objectOf<ClassEvaluation>({
        name,
        rowCount: countFrom(0),
        precision: orNull(ratio),
        recall: orNull(ratio),
        f1: orNull(ratio),
        ...curves,
      }),
      MAX_CLASSES,
    ),
    confusionMatrix: listOf(listOf(countFrom(0), MAX_CLASSES), MAX_CLASSES),
  },
  OPTIONAL,
);

const regression = objectOf<RegressionEvaluation & Common>(
  {
    ...common,
    taskType: exactly('REGRESSION'),
    points: listOf(objectOf({ predicted: finite, actual: finite }), MAX_POINTS),
    residualHistogram: listOf(objectOf({ lower: finite, upper: finite, rowCount: countFrom(0) }), MAX_BINS),
    residualQuantiles: listOf(objectOf({ probability: ratio, value: finite }), MAX_BINS),
    calibration: listOf(objectOf({ meanPredicted: finite, meanActual: finite, rowCount: countFrom(1) }), MAX_BINS),
  },
  OPTIONAL,
);

const CHECKS: Readonly<Record<TaskType, JsonCheck<EvaluationReport & Common>>> = {
  BINARY_CLASSIFICATION: binary,
  MULTICLASS_CLASSIFICATION: multiclass,
  REGRESSION: regression,
};

/**
 * Holds an uploaded report against the format, whole: what passes can be shown as it is.
 * @param taskType of the model that it is about
 * @returns null for JSON of any other form, which is its owner's
 * @throws InvalidInput naming the place in the JSON, such as `segments[3].rowCount`
 */
export function checkEvaluationReport(bytes: Uint8Array, taskType: TaskType): EvaluationReport | null {
  const json = parseJson(bytes);
  if (!isObject(json) || json['format'] !== FORMAT) return null;
  // First, so that a report of another version or task is told that, and not every field in which it differs.
  common.formatVersion(json['formatVersion'], 'formatVersion');
  if (json['taskType'] !== taskType)
    throw new InvalidInput(
      ['taskType'],
      `is ${JSON.stringify(json['taskType']) ?? 'missing'}, and the model is for ${taskType}. Give a report of this model`,
    );
  const report = CHECKS[taskType](json, '');
  checkSegments(report);
  checkCounts(report);
  return report;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidInput(
      ['report'],
      `must be JSON in UTF-8 (${reason}). JSON has no NaN and no Infinity: give null, or leave the metric out`,
    );
  }
}

function checkSegments({ segments, rowCount }: EvaluationReport): void {
  const seen = new Set<string>();
  segments.forEach(({ feature, value, rowCount: own }, index) => {
    if (own > rowCount)
      throw new InvalidInput(
        [`segments[${index}].rowCount`],
        `is ${own}, more than the ${rowCount} rows of the report`,
      );
    const key = JSON.stringify([feature, value]);
    if (seen.has(key))
      throw new InvalidInput(
        [`segments[${index}]`],
        `is the second one of ${feature} = ${JSON.stringify(value)}; give each once`,
      );
    seen.add(key);
  });
}

/** Rows that are counted in several places have to be the same rows. */
function checkCounts(report: EvaluationReport): void {
  const { rowCount } = report;
  switch (report.taskType) {
    case 'BINARY_CLASSIFICATION': {
      const { truePositives, falsePositives, trueNegatives, falseNegatives } = report.confusionMatrix;
      const { positiveCount } = report;
      addUp('confusionMatrix', [truePositives, falsePositives, trueNegatives, falseNegatives], rowCount);
      addUp(
        'confusionMatrix',
        [truePositives, falseNegatives],
        positiveCount,
        'positiveCount',
        'truePositives and falseNegatives count',
      );
      addUpParts('calibration', report.calibration, rowCount);
      return;
    }
    case 'MULTICLASS_CLASSIFICATION':
      checkClasses(report);
      return;
    case 'REGRESSION':
      addUpParts('residualHistogram', report.residualHistogram, rowCount);
      addUpParts('calibration', report.calibration, rowCount);
      report.residualHistogram.forEach(({ lower, upper }, index) => {
        if (lower > upper)
          throw new InvalidInput([`residualHistogram[${index}]`], `lower is ${lower}, above upper, ${upper}`);
      });
  }
}

function checkClasses({ classes, confusionMatrix, rowCount }: MulticlassEvaluation): void {
  if (classes.length < 2)
    throw new InvalidInput(['classes'], `has ${classes.length} entries; give at least two classes`);
  const twin = classes.findIndex((one, index) => classes.findIndex((other) => other.name === one.name) < index);
  if (twin >= 0)
    throw new InvalidInput([`classes[${twin}].name`], `${JSON.stringify(classes[twin].name)} is there twice`);
  const square = `one row and one column for each of the ${classes.length} classes`;
  if (confusionMatrix.length !== classes.length)
    throw new InvalidInput(['confusionMatrix'], `has ${confusionMatrix.length} rows; give ${square}`);
  classes.forEach((one, index) => {
    const counts = confusionMatrix[index];
    if (counts.length !== classes.length)
      throw new InvalidInput([`confusionMatrix[${index}]`], `has ${counts.length} columns; give ${square}`);
    addUp(`confusionMatrix[${index}]`, counts, one.rowCount, `classes[${index}].rowCount`);
    addUpParts(`classes[${index}].calibration`, one.calibration, rowCount);
  });
  addUpParts('classes', classes, rowCount);
}

/** What was not measured may be an empty list. */
function addUpParts(place: string, parts: readonly { readonly rowCount: number }[], rowCount: number): void {
  const counts = parts.map((part) => part.rowCount);
  if (counts.length > 0) addUp(place, counts, rowCount);
}

function addUp(place: string, counts: readonly number[], expected: number, of = 'rowCount', what = 'counts'): void {
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum !== expected)
    throw new InvalidInput([place], `${what} ${sum} rows, and ${of} is ${expected}. Count the same rows in both`);
}
