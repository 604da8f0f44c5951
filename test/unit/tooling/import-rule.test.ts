import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');

/** A small house in which every import is allowed, among them two entities that name each other in types. */
const CLEAN: Readonly<Record<string, string>> = {
  'src/main.ts': "import '../examples/churn/run'; import './container';",
  'src/container.ts': "import './server/http'; import './services/orchestration'; import './services/database';",
  'src/server/http.ts': "import '../resolvers/model.resolver'; import '../services/registry'; import '@apollo/server';",
  'src/resolvers/model.resolver.ts':
    "import '../schema/model.type'; import '../services/registry'; import 'type-graphql';",
  'src/schema/model.type.ts': "import type { Registry } from '../services/registry'; import 'graphql';",
  'src/services/orchestration/index.ts': "import '../registry'; import '../training'; import '../statistics';",
  'src/services/training/index.ts': "import '../database'; import '../onnx';",
  'src/services/predictions/index.ts': "import '../database';",
  'src/services/registry/index.ts': "export * from './registry.service';",
  'src/services/registry/registry.service.ts':
    "import '../database'; import './stage.policy'; export interface Registry {}",
  'src/services/registry/stage.policy.ts':
    "import type { Stage } from '../../entities/enums'; export type Next = Stage;",
  'src/services/database/index.ts': "import '../../entities/model'; import 'typeorm'; import 'pg';",
  'src/services/statistics/index.ts': "import '../../entities/enums'; import '../../errors';",
  'src/services/onnx/index.ts': "import 'onnxruntime-node';",
  'src/entities/model.ts':
    "import type { Version } from './version'; import 'typeorm'; export class Model { v?: Version }",
  'src/entities/version.ts': "import type { Model } from './model'; export class Version { m?: Model }",
  'src/entities/enums.ts': "export type Stage = 'NONE';",
  'src/columns.ts': "import type { Stage } from './entities/enums'; export type Column = Stage;",
  'src/errors.ts': 'export class DomainError {}',
  'src/config.ts': 'export const config = {};',
  'examples/churn/run.ts': "import './client'; import 'graphql';",
  'examples/churn/client.ts': 'export const client = 1;',
  'migrations/first.ts': "import 'typeorm';",
};

const PACKAGES = ['typeorm', 'pg', '@duckdb/node-api', 'onnxruntime-node', 'graphql', 'type-graphql', '@apollo/server'];

/** [the rule that must object, the file that is planted, what it imports, and the file or package where that leads] */
const PLANTED: readonly (readonly [rule: string, file: string, specifier: string, target: string])[] = [
  ['floors-upward', 'src/services/registry/planted-up.ts', '../orchestration', 'src/services/orchestration/index.ts'],
  ['floors-upward', 'src/services/registry/planted-top.ts', '../../container', 'src/container.ts'],
  ['floors-upward', 'src/schema/planted-up.ts', '../resolvers/model.resolver', 'src/resolvers/model.resolver.ts'],
  ['floors-upward', 'src/entities/planted-up.ts', '../services/database', 'src/services/database/index.ts'],
  ['floors-peer', 'src/services/training/planted-peer.ts', '../predictions', 'src/services/predictions/index.ts'],
  ['floors-peer', 'src/services/statistics/planted-peer.ts', '../database', 'src/services/database/index.ts'],
  ['floors-peer', 'src/logger.ts', './config', 'src/config.ts'],
  ['floors-peer', 'src/worker-file.ts', './entities/model', 'src/entities/model.ts'],
  ['floors-unknown', 'src/helpers/planted-off.ts', '../errors', 'src/errors.ts'],
  ['floors-unknown', 'src/server/planted-off.ts', '../helpers/planted-off', 'src/helpers/planted-off.ts'],
  ['front-door', 'src/services/training/planted-door.ts', '../database/pool', 'src/services/database/pool.ts'],
  ['front-door', 'src/resolvers/planted-door.ts', '../services/database/pool', 'src/services/database/pool.ts'],
  ['services-know-no-graphql', 'src/services/registry/planted-gql.ts', 'graphql', 'graphql'],
  ['services-know-no-graphql', 'src/services/events/planted-gql.ts', 'type-graphql', 'type-graphql'],
  ['services-know-no-graphql', 'src/services/serving/planted-gql.ts', '@apollo/server', '@apollo/server'],
  ['resolvers-know-no-storage', 'src/resolvers/planted-orm.ts', 'typeorm', 'typeorm'],
  ['resolvers-know-no-storage', 'src/resolvers/planted-duck.ts', '@duckdb/node-api', '@duckdb/node-api'],
  ['resolvers-know-no-storage', 'src/schema/planted-pg.ts', 'pg', 'pg'],
  ['resolvers-know-no-storage', 'src/schema/planted-onnx.ts', 'onnxruntime-node', 'onnxruntime-node'],
  ['computing-knows-no-database', 'src/services/statistics/planted-orm.ts', 'typeorm', 'typeorm'],
  [
    'computing-knows-no-database',
    'src/services/onnx/planted-entity.ts',
    '../../entities/model',
    'src/entities/model.ts',
  ],
  ['examples-are-clients', 'examples/churn/planted-src.ts', '../../src/errors', 'src/errors.ts'],
  [
    'only-main-starts-examples',
    'src/server/planted-example.ts',
    '../../examples/churn/client',
    'examples/churn/client.ts',
  ],
  ['migrations-stand-alone', 'migrations/planted-entity.ts', '../src/entities/model', 'src/entities/model.ts'],
  ['no-cycle', 'src/services/jobs/planted-a.ts', './planted-b', 'src/services/jobs/planted-b.ts'],
  ['no-cycle', 'src/entities/planted-a.ts', './planted-b', 'src/entities/planted-b.ts'],
  ['no-unresolvable', 'src/server/planted-missing.ts', './nowhere', './nowhere'],
];

const TYPES_ONLY = 'src/services/registry/planted-types.ts';

/** What the planted files lead to, and the one violation that `import 'x'` cannot express. */
const BESIDE_PLANTED: Readonly<Record<string, string>> = {
  'src/services/database/pool.ts': 'export const pool = 1;',
  'src/services/jobs/planted-b.ts': "import './planted-a'; export const b = 1;",
  'src/entities/planted-b.ts': "import './planted-a'; export const b = 1;",
  [TYPES_ONLY]: "import type { Http } from '../../server/http'; export type Planted = Http;",
};

const trees: string[] = [];

function violationsIn(files: Readonly<Record<string, string>>): string[] {
  const tree = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'import-rule-')));
  trees.push(tree);
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    fs.writeFileSync(path.join(tree, file), text);
  };
  Object.entries(files).forEach(([file, text]) => write(file, text));
  for (const name of PACKAGES) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = path.join(root, '.dependency-cruiser.cjs');
  const run = spawnSync(
    process.execPath,
    [cruiser, '--config', config, '--output-type', 'json', 'src', 'examples', 'migrations'],
    { cwd: tree, encoding: 'utf8' },
  );
  const { summary } = JSON.parse(run.stdout) as {
    summary: { violations: { rule: { name: string }; from: string; to: string }[] };
  };
  return summary.violations.map(({ rule, from, to }) => describeViolation(rule.name, from, to));
}

const describeViolation = (rule: string, from: string, to: string): string =>
  `${rule}: ${from} -> ${to.replace(/^node_modules\/(.*)\/index\.js$/, '$1')}`;

afterAll(() => trees.forEach((tree) => fs.rmSync(tree, { recursive: true })));

describe('the import rule', () => {
  let found: string[];

  beforeAll(() => {
    const planted = PLANTED.map(([, file, specifier]) => [file, `import '${specifier}';\nexport const planted = 1;`]);
    found = violationsIn({ ...CLEAN, ...BESIDE_PLANTED, ...Object.fromEntries(planted) });
  });

  const typesOnly = describeViolation('floors-upward', TYPES_ONLY, 'src/server/http.ts');

  it('lets a house pass whose imports all go down and through front doors', () => {
    expect(violationsIn(CLEAN)).toEqual([]);
  });

  it.each(PLANTED)('objects by %s to %s importing %s', (rule, file, _specifier, target) => {
    expect(found).toContain(describeViolation(rule, file, target));
  });

  it('counts an import of types alone as an import', () => {
    expect(found).toContain(typesOnly);
  });

  it('objects to nothing that was not planted', () => {
    const planted = PLANTED.map(([rule, file, , target]) => describeViolation(rule, file, target));
    expect(found.toSorted()).toEqual([...planted, typesOnly].toSorted());
  });
});
