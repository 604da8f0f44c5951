import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped, type ValueNode } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSONObject } from 'graphql-scalars';
import type * as rows from '../entities';

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

export type FeatureRowValue = Readonly<Record<string, rows.FeatureValue>>;

export const FeatureValue = new GraphQLScalarType<rows.FeatureValue, rows.FeatureValue>({
  name: 'FeatureValue',
  description:
    'The value of a feature: a string, number, boolean or null, or a list of those without null. INT64 is a string (in requests, whole numbers up ' +
    'to 2^53 are taken too), TIMESTAMP is an ISO 8601 string.',
  serialize: (value) => serializeFeature(value),
  parseValue: (value) => parseFeature('FeatureValue', value),
  parseLiteral: (node, variables) => parseFeature('FeatureValue', valueFromLiteral(node, variables)),
});

export const FeatureRow = new GraphQLScalarType<FeatureRowValue, FeatureRowValue>({
  name: 'FeatureRow',
  description:
    'One row of features, an object from name to FeatureValue. The names are join keys, features, and in ingested rows `eventTimestamp` and ' +
    '`createdTimestamp`. Which names are needed, and of which type, is the feature view’s to say.',
  serialize: (value) => {
    if (!isRecord(value)) throw new GraphQLError('FeatureRow cannot represent what is not an object');
    return mapRow(value, (entry) => serializeFeature(entry));
  },
  parseValue: (value) => parseRow(value),
  parseLiteral: (node, variables) => parseRow(valueFromLiteral(node, variables)),
});

const serializeFeature = (value: unknown): rows.FeatureValue =>
  Array.isArray(value) ? (value.map(serializeScalar) as rows.FeatureValue) : serializeScalar(value);

/**
 * A value as JSON carries it. Integers beyond 2^53 would silently lose digits as JSON numbers, so 64-bit ones go out as strings.
 */
function serializeScalar(value: unknown): rows.ScalarValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  // JSON has no NaN or infinity.
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  throw new GraphQLError(`FeatureValue cannot represent ${typeof value}`);
}

function parseRow(value: unknown): FeatureRowValue {
  if (!isRecord(value)) throw new GraphQLError(`FeatureRow is an object from name to value, not ${describe(value)}`);
  return mapRow(value, (entry, name) => parseFeature(`FeatureRow value ${JSON.stringify(name)}`, entry));
}

/** Nulls in a list are left to the feature view, which says where they stand. */
const parseFeature = (what: string, value: unknown): rows.FeatureValue =>
  Array.isArray(value)
    ? (value.map((element, index) => parseScalar(`${what}[${index}]`, element)) as rows.FeatureValue)
    : parseScalar(what, value);

function parseScalar(what: string, value: unknown): rows.ScalarValue {
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
  if (node.kind === Kind.LIST) return node.values.map((value) => valueFromLiteral(value, variables));
  return valueFromASTUntyped(node, variables);
}

function mapRow(
  row: Record<string, unknown>,
  convert: (value: unknown, name: string) => rows.FeatureValue,
): FeatureRowValue {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, convert(value, name)]));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
