/** Two projects: `unit` needs neither Java nor a network (loopback only); `engines` runs against the real emulators. */
const shared = {
  rootDir: import.meta.dirname,
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.mjs' },
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.local/'],
  testEnvironment: '<rootDir>/test/support/leak-environment.mjs',
};

const unit = ['protocol', 'core', 'ccs-emulator', 'adapters/xmpp', 'unit', 'chaos', 'bench'];
const engines = ['contract', 'adapters/pubsub', 'adapters/firestore', 'functions', 'worker', 'rules', 'e2e'];
const tests = (folders) => folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`);

export default {
  coverageProvider: 'babel',
  collectCoverageFrom: ['<rootDir>/relay/protocol/**/*.ts', '<rootDir>/relay/core/**/*.ts'],
  projects: [
    { ...shared, displayName: 'unit', testMatch: tests(unit) },
    { ...shared, displayName: 'engines', testMatch: tests(engines) },
  ],
};
