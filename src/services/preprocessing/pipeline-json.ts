import { InvalidInput } from '../../errors';
import {
  type FeaturePreprocessing,
  type ImputeMedianStep,
  type OneHotStep,
  PIPELINE_FORMAT_VERSION,
  type PreprocessingPipeline,
  type StandardiseStep,
  widthOf,
} from './pipeline';

/** The pipeline as the bytes of its artifact: UTF-8 JSON; the same pipeline gives the same bytes. */
export function serializePipeline(pipeline: PreprocessingPipeline): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(pipeline));
}

/**
 * Reads and checks a pipeline's bytes. Properties it does not know are left out.
 * @throws InvalidInput naming the place at fault, for example `pipeline.features.3.steps.0.median`
 */
export function parsePipeline(bytes: Uint8Array): PreprocessingPipeline {
  const root = asObject(parseJson(bytes), ['pipeline']);
  if (root['formatVersion'] !== PIPELINE_FORMAT_VERSION) {
    const found = JSON.stringify(root['formatVersion']) ?? 'nothing';
    fail(['pipeline', 'formatVersion'], `must be ${PIPELINE_FORMAT_VERSION}, found ${found}`);
  }
  const features = asArray(root['features'], ['pipeline', 'features']).map((feature, index) =>
    parseFeature(feature, ['pipeline', 'features', String(index)]),
  );
  refuseTwins(
    features.map(({ feature }) => feature),
    ['pipeline', 'features'],
  );
  if (features.every((feature) => widthOf(feature) === 0)) {
    fail(['pipeline', 'features'], 'must give at least one output column');
  }
  return { formatVersion: PIPELINE_FORMAT_VERSION, features };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return fail(['pipeline'], `must be JSON in UTF-8 (${error instanceof Error ? error.message : String(error)})`);
  }
}

function parseFeature(value: unknown, path: readonly string[]): FeaturePreprocessing {
  const { feature, kind, steps } = asObject(value, path);
  if (typeof feature !== 'string' || feature === '') return fail([...path, 'feature'], "must be the feature's name");
  const stepPath = [...path, 'steps'];
  const stepList = asArray(steps, stepPath);

  if (kind === 'NUMERIC') {
    const parsed = stepList.map((step, index) => parseNumericStep(step, [...stepPath, String(index)]));
    const order = parsed.map(({ step }) => step).join(' ');
    if (!['', 'IMPUTE_MEDIAN', 'STANDARDISE', 'IMPUTE_MEDIAN STANDARDISE'].includes(order)) {
      fail(stepPath, `may be IMPUTE_MEDIAN, then STANDARDISE, each at most once; found ${order}`);
    }
    return { feature, kind, steps: parsed };
  }
  if (kind === 'CATEGORICAL') {
    if (stepList.length !== 1) fail(stepPath, `must be exactly one ONE_HOT step, found ${stepList.length} steps`);
    return { feature, kind, steps: [parseOneHot(stepList[0], [...stepPath, '0'])] };
  }
  return fail([...path, 'kind'], `must be NUMERIC or CATEGORICAL, found ${JSON.stringify(kind) ?? 'nothing'}`);
}

function parseNumericStep(value: unknown, path: readonly string[]): ImputeMedianStep | StandardiseStep {
  const step = asObject(value, path);
  if (step['step'] === 'IMPUTE_MEDIAN') {
    return { step: 'IMPUTE_MEDIAN', median: asFinite(step['median'], [...path, 'median']) };
  }
  if (step['step'] === 'STANDARDISE') {
    const standardDeviation = asFinite(step['standardDeviation'], [...path, 'standardDeviation']);
    if (standardDeviation <= 0) fail([...path, 'standardDeviation'], `must be above 0, found ${standardDeviation}`);
    return { step: 'STANDARDISE', mean: asFinite(step['mean'], [...path, 'mean']), standardDeviation };
  }
  return fail([...path, 'step'], `must be IMPUTE_MEDIAN or STANDARDISE for a NUMERIC feature`);
}

function parseOneHot(value: unknown, path: readonly string[]): OneHotStep {
  const { step, levels, hasOther } = asObject(value, path);
  if (step !== 'ONE_HOT') fail([...path, 'step'], 'must be ONE_HOT for a CATEGORICAL feature');
  if (typeof hasOther !== 'boolean') return fail([...path, 'hasOther'], 'must be true or false');
  const levelPath = [...path, 'levels'];
  const names = asArray(levels, levelPath).map((level, index) =>
    typeof level === 'string' ? level : fail([...levelPath, String(index)], 'must be a string'),
  );
  refuseTwins(names, levelPath);
  return { step: 'ONE_HOT', levels: names, hasOther };
}

function asObject(value: unknown, path: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(path, 'must be an object');
  return value as Record<string, unknown>;
}

function asArray(value: unknown, path: readonly string[]): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, 'must be a list');
}

function asFinite(value: unknown, path: readonly string[]): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fail(path, 'must be a finite number');
}

function refuseTwins(names: readonly string[], path: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) fail(path, `${JSON.stringify(name)} is there twice`);
    seen.add(name);
  }
}

function fail(path: readonly string[], problem: string): never {
  throw new InvalidInput(path, problem);
}
