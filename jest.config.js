/** Unit and golden tests do no I/O and start at once; the others share one PostgreSQL, started by the global set-up. */
const common = {
  testEnvironment: 'node',
  // onnx-buf is the one dependency that exists as an ES module only; Jest cannot require() those on Node 20, Node itself can.
  transform: { '^.+\\.ts$': '@swc/jest', '/node_modules/onnx-buf/.+\\.js$': '@swc/jest' },
  transformIgnorePatterns: ['/node_modules/(?!onnx-buf/)'],
  // Looked up through the sandbox's global object these cost 50 ns each: the simulations of test/unit/statistics took 115 s, with this line 7 s.
  sandboxInjectedGlobals: ['Math', 'Number'],
  setupFiles: ['<rootDir>/test/support/native-typed-arrays.js', '<rootDir>/test/support/property-seed.js'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.mooring/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

const suite = (displayName, extra = {}) => ({
  ...common,
  displayName,
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
  ...extra,
});

const withPostgres = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

module.exports = {
  projects: [suite('unit'), suite('golden'), suite('integration', withPostgres), suite('e2e', withPostgres)],
  reporters: ['default', '<rootDir>/test/support/closing-line-reporter.js'],
  testTimeout: 30_000,
};
