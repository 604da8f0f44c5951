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
    ROW_COUNT: 'There are at least `minimum` rows.',
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
