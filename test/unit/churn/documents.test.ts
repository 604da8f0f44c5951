import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import type { Operation } from '../../../examples/churn/graphql-client';
import * as features from '../../../examples/churn/operations/features';
import * as models from '../../../examples/churn/operations/models';
import * as monitoring from '../../../examples/churn/operations/monitoring';
import { JOB } from '../../../examples/churn/operations/operation';
import * as serving from '../../../examples/churn/operations/serving';

const schema = buildSchema(readFileSync(path.resolve(__dirname, '../../../schema.graphql'), 'utf8'));
const operations = { JOB, ...features, ...models, ...monitoring, ...serving } as Record<
  string,
  Operation<unknown, unknown>
>;

describe('the documents of the example', () => {
  it.each(Object.entries(operations))('%s is valid against schema.graphql', (_, { document }) => {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
  });
});
