/** Two projects: `unit` needs neither Java nor a network (loopback only); `engines` runs against the real emulators. */
const shared = {
  rootDir: import.meta.dirname,
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.mjs' },
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.local/'],
  testEnvironment: '<rootDir>/test/support/leak-environment.mjs',
};

/** A test that needs an emulator is called `*.engines.test.ts`. */
const ENGINES = '.engines.test.ts$';

export default {
  coverageProvider: 'babel',
  collectCoverageFrom: ['<rootDir>/relay/{protocol,model,machine,service}/**/*.ts'],
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/**/*.test.ts'], testPathIgnorePatterns: [ENGINES] },
    { ...shared, displayName: 'engines', testRegex: [ENGINES] },
  ],
};
