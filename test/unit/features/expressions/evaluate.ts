import type { Dtype } from '../../../../src/entities';
import { ExpressionInvalid } from '../../../../src/errors';
import { compileExpression } from '../../../../src/services/features/expressions/compile-expression';
import type { Value } from '../../../../src/services/features/expressions/expression';
import { parseTimestamp } from '../../../../src/services/features/rows/timestamp-text';

export const micros = (text: string): bigint => {
  const parsed = parseTimestamp(text);
  if (parsed === null) throw new Error(`${text} is no timestamp`);
  return parsed;
};

/** Features of every type; those that begin with `no_` are null. */
const ROW: Readonly<Record<string, { readonly dtype: Dtype; readonly value: Value }>> = {
  calls: { dtype: 'INT64', value: 7n },
  huge: { dtype: 'INT64', value: 2n ** 63n - 1n },
  least_int: { dtype: 'INT64', value: -(2n ** 63n) },
  no_int: { dtype: 'INT64', value: null },
  minutes: { dtype: 'DOUBLE', value: 12.5 },
  no_double: { dtype: 'DOUBLE', value: null },
  active: { dtype: 'BOOL', value: true },
  no_bool: { dtype: 'BOOL', value: null },
  plan: { dtype: 'STRING', value: 'Prépaid' },
  no_text: { dtype: 'STRING', value: null },
  joined_at: { dtype: 'TIMESTAMP', value: micros('2026-10-01T00:00:00Z') },
  no_time: { dtype: 'TIMESTAMP', value: null },
  end: { dtype: 'INT64', value: 3n },
};
export const REQUEST = micros('2026-11-03T12:00:00.000001Z');

const DTYPES = new Map(Object.entries(ROW).map(([name, { dtype }]) => [name, dtype]));

export function evaluate(text: string): { dtype: string; value: Value } {
  const { dtype, inputs, evaluate: answer } = compileExpression(text, DTYPES);
  return { dtype, value: answer({ values: inputs.map((name) => ROW[name].value), requestTimestamp: REQUEST }) };
}

export function refusal(text: string): ExpressionInvalid {
  try {
    compileExpression(text, DTYPES, ['input', 'onDemandFeatures', '0', 'expression']);
  } catch (error) {
    if (error instanceof ExpressionInvalid) return error;
    throw error;
  }
  throw new Error(`${text} was taken`);
}
