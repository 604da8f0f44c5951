/** The GraphQL enums of the features aggregate. */
import * as lists from '../entities/enums';
import { enumType } from './enum-type';

export const FeatureQualityKind = enumType(
  'FeatureQualityKind',
  lists.FEATURE_QUALITY_KINDS,
  'What a quality rule asks of the newest row of every entity.',
  {
    NOT_NULL_RATIO: 'At least `minimum` (0 to 1) of the field’s values are not null.',
    RANGE: 'All values of the field lie within `minimum` and `maximum`, both inclusive; nulls do not count.',
    ALLOWED_VALUES: 'All values of the field are among `allowedValues`; nulls do not count.',
    PATTERN:
      'All values of the field, as a whole, match the regular expression `pattern` of RE2’s syntax; nulls do not count.',
    UNIQUE:
      'No two entities have the same value of the field; nulls do not count. Without a field, over all rows: no two have the same join keys and event ' +
      'time (a correction of a row breaks it too).',
    FRESHNESS:
      'The newest event that is not in the future, of all rows, is at most `maxAgeSeconds` old at the time of judgement. A view without rows is not fresh.',
    ROW_COUNT: 'There are at least `minimum` rows and at most `maximum`.',
    DRIFT:
      'The field is distributed as in the quality report or dataset `referenceId`: DRIFT is a `measure` that reaches `threshold` and is significant at ' +
      '.05 over all DRIFT rules of the view together. Too few rows to tell pass, and the message says so.',
  },
);

export const FeatureDriftMeasure = enumType(
  'FeatureDriftMeasure',
  lists.FEATURE_DRIFT_MEASURES,
  'How far two distributions are apart, over up to 20 bins of the reference, or its levels, and null.',
  {
    PSI: 'Population stability index: 0 and up; .1 is a small change and .2 a large one by custom.',
    JS_DISTANCE: 'Jensen–Shannon distance, natural logarithm: 0 to .8326; .1 is a usual threshold.',
  },
);

export const SplitStrategy = enumType(
  'SplitStrategy',
  lists.SPLIT_STRATEGIES,
  'How a dataset’s rows are divided into training and held-out ones.',
  {
    TIME: 'The latest timestamps, each as a whole, are held out, up to about the fraction.',
    STRATIFIED:
      'Each entity goes to one side by a seeded hash of its key, so that each class is held out at about the fraction, and a row keeps its side when ' +
      'rows are added.',
  },
);

export const LineageDirection = enumType(
  'LineageDirection',
  ['UPSTREAM', 'DOWNSTREAM'] as const,
  'Which way to walk.',
  {
    UPSTREAM: 'What it was made of.',
    DOWNSTREAM: 'What was made of it.',
  },
);
