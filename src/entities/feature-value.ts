/** One value as JSON carries it: INT64 as decimal text, TIMESTAMP as ISO 8601. */
export type ScalarValue = string | number | boolean | null;

/** The value of a feature as JSON carries it; the elements of a list are never null. */
export type FeatureValue = ScalarValue | readonly Exclude<ScalarValue, null>[];
