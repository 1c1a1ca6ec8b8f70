import tseslint from 'typescript-eslint';

// They try, measure and plan what runs; nothing that runs may need them.
const TRIALS = ['bench', 'capacity', 'chaos', 'simulation', 'trials'];

/** What each folder may import, as design.md draws it: functions, worker → adapters → core → protocol. */
const FORBIDDEN = {
  'relay/protocol': { folders: ['core', 'adapters', 'functions', 'worker', 'ccs-emulator', 'local', 'test', ...TRIALS], packages: 'all but zod' },
  'relay/core': { folders: ['adapters', 'functions', 'worker', 'ccs-emulator', 'local', 'test', ...TRIALS], packages: 'all' },
  'relay/adapters': { folders: ['functions', 'worker', 'ccs-emulator', 'local', 'test', ...TRIALS] },
  functions: { folders: ['worker', 'ccs-emulator', 'local', 'test', ...TRIALS] },
  worker: { folders: ['functions', 'ccs-emulator', 'local', 'test', ...TRIALS] },
  'ccs-emulator': { folders: ['relay', 'functions', 'worker', 'local', 'test'] },
};

// A bare specifier is a package. The core may hash (node:crypto is a pure function of its input); no other module of Node.
const PACKAGES = {
  all: { regex: '^(?!\\.)(?!node:crypto$).*', message: 'relay/core is pure: no package, no I/O (node:crypto only).' },
  'all but zod': { regex: '^(?!\\.)(?!zod$).*', message: 'relay/protocol is pure: zod only.' },
};

const importRules = Object.entries(FORBIDDEN).map(([folder, { folders, packages }]) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', {
      patterns: [
        { regex: `^\\.\\.?/(.*/)?(${folders.join('|')})/`, message: `${folder} must not import it (design.md, layout).` },
        ...(packages === undefined ? [] : [PACKAGES[packages]]),
      ],
    }],
  },
}));

// Of the entry points the simulator runs the pump, and nothing else: all else there is I/O.
const SIMULATED = {
  regex: '^\\.\\.?/(.*/)?((functions|ccs-emulator|local|bench|chaos|trials|test)/|worker/(?!pump\\.ts$))',
  message: 'simulation imports relay/ and worker/pump.ts.',
};

// Only the adapters may know an SDK; the entry points get it from them.
const SDKS = { regex: '^(@google-cloud/|@xmpp/)', message: 'Only relay/adapters imports an SDK.' };

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'coverage/**', '.local/**', 'bench/out/**'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      '@typescript-eslint/no-dynamic-delete': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...importRules,
  {
    files: ['simulation/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [SIMULATED] }] },
  },
  { files: ['local/**', 'bench/**', 'capacity/main.ts', 'chaos/**', 'simulation/**', 'trials/**', 'ccs-emulator/main.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['functions/**/*.ts', 'worker/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [SDKS] }] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off', // bodies of HTTP answers and frames are asserted, not typed
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
