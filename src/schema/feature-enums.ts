/** The GraphQL enums of the features aggregate. */
import * as lists from '../entities/enums';
import { enumType } from './enum-type';

export const FeatureFileFormat = enumType(
  'FeatureFileFormat',
  lists.FEATURE_FILE_FORMATS,
  'Kinds of files that rows of features come in.',
  {
    CSV:
      'UTF-8 with commas, a header, and double quotes where needed. An empty field is null, `""` an empty text; numbers are spelt as in JSON, BOOL is ' +
      'true or false, timestamps are ISO 8601.',
    PARQUET:
      'Columns of types that keep every value as it is, for example INT32 for INT64, or a timestamp of any unit for TIMESTAMP; a text may be an ISO 8601 ' +
      'timestamp or the digits of an INT64.',
  },
);

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

export const DefinitionChangeKind = enumType(
  'DefinitionChangeKind',
  lists.DEFINITION_CHANGE_KINDS,
  'How far the change of a view or a feature service reaches.',
  {
    CREATED: 'It did not exist before.',
    NONE: 'It is as it was.',
    METADATA: 'Only what is said of it, and quality rules, changed: no new version.',
    COMPATIBLE: 'A new version that has all that the former had, with the same meaning.',
    BREAKING:
      'A new version in which something is gone, has another type or another meaning, must be given anew with requests, or, by a shorter TTL, is missing ' +
      'more often.',
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

export const OnlineOutcome = enumType(
  'OnlineOutcome',
  lists.ONLINE_OUTCOMES,
  'What the online store has of an entity, held against the newest due row of the offline store.',
  {
    EQUAL: 'The newest row, with its values.',
    PENDING: 'The offline store has a newer row that no materialization has covered yet; the next one brings it.',
    MISSING: 'No row, although a materialization has covered one.',
    STALE: 'An older row than a materialization has covered.',
    DIFFERENT: 'The same row with other values.',
    UNEXPECTED: 'A newer row than the offline store has.',
  },
);
