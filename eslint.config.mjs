import path from 'node:path';
import { defineConfig, globalIgnores } from 'eslint/config';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

const TYPESCRIPT = ['src/**/*.ts', 'migrations/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts'];
const TESTS = ['test/**/*.ts'];

// prettier-ignore
const NODE_GLOBALS = ['process', 'console', 'performance', 'Buffer', 'URL', 'fetch', 'AbortController', 'AbortSignal', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'];

/** Files are named in kebab-case after their main export; a dot parts a kind from the name (`drift.policy.ts`, `train.worker.ts`). */
const kebabCaseFileName = {
  meta: { type: 'suggestion', schema: [], messages: { name: 'Name this file in kebab-case, for example {{better}}.' } },
  create: (context) => ({
    Program(node) {
      const name = path.basename(context.filename);
      if (/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$/.test(name)) return;
      const better = name
        .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
        .replaceAll('_', '-')
        .toLowerCase();
      context.report({ node, messageId: 'name', data: { better } });
    },
  }),
};

export default defineConfig(
  globalIgnores(['dist/', '.mooring/', 'coverage/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { mooring: { rules: { 'kebab-case-file-name': kebabCaseFileName } } },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'mooring/kebab-case-file-name': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: 'TSEnumDeclaration', message: 'Write a const list and the union of its members.' },
      ],
      // There are no enums to mix up, and the first of these took a fifth of the linter's time.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',

      // Numbers print as one expects; only objects in a template are a mistake.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Without noUncheckedIndexedAccess (it would put a check on every element of a typed array) an index never yields undefined to the
      // type checker, so this rule calls the honest check of `array[i] === undefined` or `record[key] ?? …` needless.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // type-graphql and TypeORM want classes that hold nothing but decorated fields, or nothing at all.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Those classes are only the shape of a row, an input or an answer: plain objects and spreads stand for them everywhere.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // A method of a port waits in one adapter and not in the other; both answer with a promise, also when they throw.
      '@typescript-eslint/require-await': 'off',
    },
  },

  {
    // Logs go through the logger; only the command line talks to a terminal.
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts', 'src/cli/**'],
    rules: { 'no-console': 'error' },
  },

  {
    files: TESTS,
    extends: [jest.configs['flat/recommended'], jest.configs['flat/style']],
    rules: {
      // Property tests assert inside fc.assert; helpers that assert are called expectSomething.
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
      'jest/no-disabled-tests': 'error',
      'jest/no-commented-out-tests': 'error',
      // Tests index into what they just built; a wrong index fails the test anyway.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Matchers such as expect.any() and parsed answers are `any` by their types; what they are is what the test asserts.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  // Jest takes its global set-up and tear-down as default exports.
  { files: ['test/support/global-*.ts'], rules: { 'no-restricted-syntax': 'off' } },

  {
    // Plain JavaScript has no type checker behind it: what catches slips there is worth having, style is Prettier's.
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
    rules: {
      eqeqeq: 'error',
      'no-const-assign': 'error',
      'no-dupe-keys': 'error',
      'no-undef': 'error',
      'no-unreachable': 'error',
      'no-unused-vars': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', { max: 300 }],
    },
  },
  { files: ['**/*.{js,cjs}'], languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly' } } },
);
