import fs from 'node:fs';
import path from 'node:path';
import type { Dtype } from '../../../../src/entities';
import { compileExpression } from '../../../../src/services/features/expressions/compile-expression';
import type { Value } from '../../../../src/services/features/expressions/expression';
import { section, tableRows } from '../../../support/markdown';
import { micros } from './evaluate';

const DOCUMENT = fs.readFileSync(path.resolve(__dirname, '../../../../docs/expressions.md'), 'utf8');
const FEATURES: Readonly<Record<string, readonly [Dtype, Value]>> = {
  calls: ['INT64', 7n],
  minutes: ['DOUBLE', 12.5],
  plan: ['STRING', 'Flat'],
  active: ['BOOL', true],
  joined_at: ['TIMESTAMP', micros('2026-10-01')],
  refund: ['DOUBLE', null],
};
const DTYPES = new Map(Object.entries(FEATURES).map(([name, [dtype]]) => [name, dtype]));
const EXAMPLES = tableRows(section(DOCUMENT, 'Examples')).map((cells) => cells.map((cell) => cell.replaceAll('`', '')));

describe('docs/expressions.md', () => {
  it('has examples', () => {
    expect(EXAMPLES.length).toBeGreaterThan(20);
  });

  it.each(EXAMPLES)('%s is %s %s', (expression, dtype, answer) => {
    const compiled = compileExpression(expression, DTYPES);
    const value = compiled.evaluate({
      values: compiled.inputs.map((name) => FEATURES[name][1]),
      requestTimestamp: micros('2026-11-03T12:00:00Z'),
    });
    expect([compiled.dtype, String(value)]).toEqual([dtype, answer]);
  });
});
