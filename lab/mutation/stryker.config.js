/** `npm run mutate`; see docs/mutation.md. */
export default {
  mutate: ['relay/{protocol,model,machine,service}/**/*.ts'],
  plugins: ['./lab/mutation/test-runner.ts'],
  testRunner: 'in-process',
  coverageAnalysis: 'perTest',
  concurrency: 1, // a second process would distort the time limits
  disableTypeChecks: false, // nothing checks types
  ignorePatterns: ['dist', '.local', 'coverage'],
  tempDirName: '.local/stryker',
  reporters: ['clear-text', 'json', 'progress'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation.json' },
};
