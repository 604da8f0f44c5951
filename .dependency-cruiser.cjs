/**
 * The import rule. FLOORS is the whole of it for `src`, highest first: an import goes strictly down, so units on one line never import each
 * other; they meet by ids or by events. Every rule about floors below is generated from this table.
 */
const FLOORS = [
  ['src/main.ts'],
  ['src/cli/'],
  ['src/container.ts'],
  ['src/build-services.ts'],
  ['src/build-monitoring.ts', 'src/build-alerts.ts'],
  ['src/online-redis.ts', 'src/foundation.ts'],
  ['src/server/'],
  ['src/resolvers/'],
  ['src/schema/'], // above the services, because the Context type names them; nothing of GraphQL lies below
  ['src/services/orchestration/'],
  ['src/services/serving/', 'src/services/monitoring/'],
  ['src/services/training/', 'src/services/predictions/'],
  ['src/services/features/', 'src/services/registry/'],
  ['src/services/artifacts/', 'src/services/webhooks/'],
  ['src/services/identity/'],
  ['src/services/audit/', 'src/services/events/', 'src/services/jobs/', 'src/services/lineage/'],
  [
    'src/services/database/',
    'src/services/statistics/',
    'src/services/onnx/',
    'src/services/preprocessing/',
    'src/json-check.ts',
  ],
  [
    'src/entities/',
    'src/errors.ts',
    'src/config.ts',
    'src/columns.ts',
    'src/worker-file.ts',
    'src/logger.ts',
    'src/idle-collector.ts',
    'src/private-address.ts',
    'src/authenticated-encryption.ts',
  ],
  ['src/entities/enums.ts', 'src/domain-error.ts', 'src/config-values.ts'],
];

const GRAPHQL = ['graphql/', 'type-graphql/', 'graphql-', '@apollo/', '@as-integrations/'];
const STORAGE = ['typeorm/', 'pg/', 'pg-boss/', '@duckdb/'];
const ONNX_RUNTIME = ['onnxruntime-'];

/** Pattern for any of the units. A folder stands for all that is in it, but for files that have a place of their own in the table. */
const anyOf = (units) => `^(?:${units.map(unitPattern).join('|')})`;
function unitPattern(unit) {
  if (!unit.endsWith('/')) return `${escapeDots(unit)}$`;
  const placed = FLOORS.flat().filter((other) => other.startsWith(unit) && other !== unit);
  return unit + placed.map((file) => `(?!${escapeDots(file.slice(unit.length))}$)`).join('');
}
const escapeDots = (file) => file.replaceAll('.', '\\.');

/** npm packages by the beginning of their folder. */
const packages = (folders) => [
  `^node_modules/(?:${folders.join('|')})`,
  `^node_modules/@types/(?:${folders.join('|')})`,
];

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const floorRules = FLOORS.flatMap((units, floor) =>
  units.flatMap((unit) => {
    const above = FLOORS.slice(0, floor).flat();
    const peers = units.filter((other) => other !== unit);
    const from = { path: anyOf([unit]) };
    return [
      above.length > 0 &&
        forbid('floors-upward', `${unit} may only import from the floors below it.`, from, { path: anyOf(above) }),
      peers.length > 0 &&
        forbid('floors-peer', `${unit} and its peers meet by ids or events, not by imports.`, from, {
          path: anyOf(peers),
        }),
    ].filter(Boolean);
  }),
);

const offTheFloors = { path: '^src/', pathNot: anyOf(FLOORS.flat()) };
const frontDoor = '^src/services/[^/]+/index\\.ts$';

module.exports = {
  forbidden: [
    ...floorRules,
    forbid('floors-unknown', 'Every file of src belongs to a floor: add it to the table here.', offTheFloors, {}),
    forbid('floors-unknown', 'Every file of src belongs to a floor: add it to the table here.', {}, offTheFloors),

    forbid(
      'front-door',
      'Another folder of services is entered through its index.ts only.',
      { path: '^src/services/([^/]+)/' },
      { path: '^src/services/[^/]+/', pathNot: ['^src/services/$1/', frontDoor] },
    ),
    forbid(
      'front-door',
      'A folder of services is entered through its index.ts only.',
      { path: '^src/', pathNot: '^src/services/' },
      { path: '^src/services/[^/]+/', pathNot: frontDoor },
    ),

    forbid(
      'services-know-no-graphql',
      'Services serve every transport; GraphQL stays in server, resolvers and schema.',
      { path: '^src/services/' },
      { path: packages(GRAPHQL) },
    ),
    forbid(
      'resolvers-know-no-storage',
      'A resolver calls one service; queries and sessions are the services’ business.',
      { path: '^src/(?:resolvers|schema)/' },
      { path: packages([...STORAGE, ...ONNX_RUNTIME]) },
    ),
    forbid(
      'computing-knows-no-database',
      'Statistics, ONNX and preprocessing take columns and give figures; of the entities they may use the enums.',
      { path: '^src/services/(?:statistics|onnx|preprocessing)/' },
      { path: [...packages(STORAGE), '^src/entities/'], pathNot: '^src/entities/enums\\.ts$' },
    ),

    forbid(
      'examples-are-clients',
      'An example talks GraphQL to a server, as any user would.',
      { path: '^examples/' },
      { path: '^src/' },
    ),
    forbid(
      'only-main-starts-examples',
      'Nothing in src knows an example; main.ts starts it on an empty registry.',
      { path: '^src/', pathNot: '^src/main\\.ts$' },
      { path: '^examples/' },
    ),
    forbid(
      'migrations-stand-alone',
      'A migration is raw SQL and never edited: it must not change its meaning with today’s code.',
      { path: '^migrations/' },
      { path: '^src/' },
    ),

    forbid(
      'no-cycle',
      'Break the circle: move what both need down.',
      { pathNot: '^src/entities/' },
      { circular: true },
    ),
    forbid(
      'no-cycle',
      'Entities may name each other in types only; relations are wired by string names.',
      { path: '^src/entities/' },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid('no-unresolvable', 'This import leads nowhere.', { path: '^(?:src|examples)/' }, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count: a floor that only uses the types of one above it still cannot be understood without it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: require('node:path').join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'import', 'node', 'default', 'types'],
    },
  },
};
