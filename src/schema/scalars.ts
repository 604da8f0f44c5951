import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSONObject } from 'graphql-scalars';

export const DateTime = new GraphQLScalarType<Date, string>({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description: 'A moment, as ISO 8601 with a time zone in requests and in UTC in answers: `2026-11-03T10:15:30.000Z`.',
});

export const JSONObject = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  name: 'JSONObject',
  description: 'A JSON object whose content is its owner’s: tags, parameters, event payloads.',
});

export type FeatureScalarValue = string | number | boolean | null;
export type FeatureRowValue = Readonly<Record<string, FeatureScalarValue>>;

export const FeatureScalar = new GraphQLScalarType<FeatureScalarValue, FeatureScalarValue>({
  name: 'FeatureScalar',
  description:
    'One value of a feature: a string, number, boolean or null. INT64 is a string (in requests, whole numbers up to 2^53 are taken too), ' +
    'TIMESTAMP is an ISO 8601 string.',
  serialize: (value) => serializeScalar(value),
  parseValue: (value) => parseScalar('FeatureScalar', value),
  parseLiteral: (node, variables) => parseScalar('FeatureScalar', valueFromLiteral(node, variables)),
});

export const FeatureRow = new GraphQLScalarType<FeatureRowValue, FeatureRowValue>({
  name: 'FeatureRow',
  description:
    'One row of features, an object from name to FeatureScalar. The names are join keys, features, and in ingested rows `eventTimestamp` and ' +
    '`createdTimestamp`. Which names are needed, and of which type, is the feature view’s to say.',
  serialize: (value) => {
    if (!isRecord(value)) throw new GraphQLError('FeatureRow cannot represent what is not an object');
    return mapRow(value, (entry) => serializeScalar(entry));
  },
  parseValue: (value) => parseRow(value),
  parseLiteral: (node, variables) => parseRow(valueFromLiteral(node, variables)),
});

/**
 * A value as JSON carries it. Integers beyond 2^53 would silently lose digits as JSON numbers, so 64-bit ones go out as strings.
 */
function serializeScalar(value: unknown): FeatureScalarValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  // JSON has no NaN or infinity.
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  throw new GraphQLError(`FeatureScalar cannot represent ${typeof value}`);
}

function parseRow(value: unknown): FeatureRowValue {
  if (!isRecord(value)) throw new GraphQLError(`FeatureRow is an object from name to value, not ${describe(value)}`);
  return mapRow(value, (entry, name) => parseScalar(`FeatureRow value ${JSON.stringify(name)}`, entry));
}

function parseScalar(what: string, value: unknown): FeatureScalarValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new GraphQLError(
        `${what} is a whole number beyond 2^53, which JSON cannot carry exactly: send it as a string`,
      );
    return value;
  }
  throw new GraphQLError(`${what} is a string, number, boolean or null, not ${describe(value)}`);
}

/** Literals keep their digits: a whole number too large for a JavaScript number becomes a string. */
function valueFromLiteral(node: ValueNode, variables?: Record<string, unknown> | null): unknown {
  if (node.kind === Kind.INT && !Number.isSafeInteger(Number(node.value))) return node.value;
  if (node.kind === Kind.OBJECT)
    return Object.fromEntries(node.fields.map((field) => [field.name.value, valueFromLiteral(field.value, variables)]));
  return valueFromASTUntyped(node, variables);
}

function mapRow(
  row: Record<string, unknown>,
  convert: (value: unknown, name: string) => FeatureScalarValue,
): FeatureRowValue {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, convert(value, name)]));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
