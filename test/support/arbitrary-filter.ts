import fc from 'fast-check';
import type { ModelFilter, ModelVersionFilter, NumberMatch, TextMatch } from '../../src/services/registry';

/** Filters whose values occur in what fillRegistry made, or nearly do. Lineage ids are uuids. */

const oneOf = <Value>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
const listOf = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
  fc.array(value, { minLength: 1, maxLength: 3 });

/** Objects with at least one of the properties, and null for some of the others. */
function someOf<Shape extends object>(shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }): fc.Arbitrary<
  Partial<Shape>
> {
  const entries = Object.entries(shape) as [keyof Shape & string, fc.Arbitrary<unknown>][];
  return fc
    .subarray(entries, { minLength: 1, maxLength: 2 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen)) as fc.Arbitrary<Partial<Shape>>);
}

function textMatch(values: fc.Arbitrary<string>): fc.Arbitrary<TextMatch> {
  const pattern = fc
    .array(fc.oneof(values, oneOf('%', '_', '\\%', '\\\\', 'ch', 'A', '-1')), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(''))
    .filter((text) => !/(?:^|[^\\])(?:\\\\)*\\$/.test(text));
  return someOf<Required<TextMatch>>({
    equals: values,
    notEquals: values,
    like: pattern,
    ilike: pattern,
    in: listOf(values),
  });
}

function numberMatch(number: fc.Arbitrary<number>): fc.Arbitrary<NumberMatch> {
  return someOf<Required<NumberMatch>>({
    equals: number,
    notEquals: number,
    lessThan: number,
    atMost: number,
    moreThan: number,
    atLeast: number,
    in: listOf(number),
  });
}

const time = fc.integer({ min: 0, max: 130 }).map((days) => new Date(Date.UTC(2026, 0, 1) + days * 86_400_000));
const timeMatch = someOf<{ from: Date; before: Date }>({ from: time, before: time });
const person = oneOf('ada', 'Ada', 'grace', 'drift_trigger', '');
const name = oneOf('churn-5', 'Churn-1', 'fraud-2', 'lead_score-3', 'churn', 'x');
const tagValue = oneOf('growth', 'Growth', 'risk', '', '50%_off', 'a\\b', '1');
const presence = fc.boolean().map((exists) => ({ exists }));
const tag = fc
  .tuple(oneOf('team', 'tier', 'note', 'none'), fc.oneof({ weight: 4, arbitrary: textMatch(tagValue) }, presence))
  .map(([key, match]) => ({ key, ...match }));
const param = fc
  .tuple(
    oneOf('algorithm', 'seed', 'none'),
    fc.oneof(
      { weight: 4, arbitrary: textMatch(oneOf('GRADIENT_BOOSTING', 'logistic_regression', '1', '4')) },
      presence,
    ),
  )
  .map(([key, match]) => ({ name: key, ...match }));
const value = fc.oneof(
  fc.integer({ min: 0, max: 60 }),
  fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
);
const metric = fc
  .tuple(
    oneOf('auc', 'logLoss', 'minutes', 'none'),
    oneOf(undefined, null, 'held_out', 'training'),
    fc.oneof({ weight: 4, arbitrary: numberMatch(value) }, presence),
  )
  .map(([key, split, match]) => ({ name: key, split, ...match }));
const text = oneOf('churn', 'CHURN ret', 'e-mails', 'drift', 'month subscr', 'score', 'berlin', 'nothing', '1');
const id = (group: string) =>
  fc.integer({ min: 0, max: 3 }).map((n) => `00000000-0000-4000-${group}-${String(n).padStart(12, '0')}`);

const common = {
  name: textMatch(name),
  owner: textMatch(person),
  createdBy: textMatch(person),
  createdAt: timeMatch,
  updatedAt: timeMatch,
  tag,
  text,
};
const versionConditions = someOf<Required<Omit<ModelVersionFilter, 'and' | 'or' | 'not'>>>({
  ...common,
  modelTag: tag,
  version: numberMatch(fc.integer({ min: 0, max: 8 })),
  stage: listOf(oneOf('NONE', 'STAGING', 'PRODUCTION', 'ARCHIVED')),
  alias: oneOf('champion', 'challenger', 'nobody'),
  metric,
  param,
  datasetId: id('8000'),
  datasetFingerprint: oneOf('print0', 'print1', 'print'),
  trainingRunId: id('9000'),
  featureServiceVersionId: id('a000'),
}) as fc.Arbitrary<ModelVersionFilter>;

interface Structure<Filter> {
  readonly and?: readonly Filter[];
  readonly or?: readonly Filter[];
  readonly not?: Filter;
}

/** Of conditions and of each other, three levels deep. */
function nested<Filter extends object>(conditions: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  let inner = conditions;
  for (let level = 0; level < 2; level++) {
    const part = inner;
    const structure = fc.oneof(
      listOf(part).map((and): Structure<Filter> => ({ and })),
      listOf(part).map((or): Structure<Filter> => ({ or })),
      part.map((not): Structure<Filter> => ({ not })),
    );
    inner = fc.oneof(
      conditions,
      fc.tuple(structure, fc.option(conditions)).map(([a, b]) => ({ ...a, ...b }) as Filter),
    );
  }
  return inner;
}

export const arbitraryVersionFilter: fc.Arbitrary<ModelVersionFilter> = nested(versionConditions);
export const arbitraryModelFilter: fc.Arbitrary<ModelFilter> = nested(
  someOf<Required<Omit<ModelFilter, 'and' | 'or' | 'not'>>>({
    ...common,
    taskType: listOf(oneOf('BINARY_CLASSIFICATION', 'REGRESSION')),
    hasVersion: arbitraryVersionFilter,
  }) as fc.Arbitrary<ModelFilter>,
);
