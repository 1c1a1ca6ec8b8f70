/** `npm run mutate`: docs/mutation.md says what for, and what came out. */
export default {
  mutate: ['relay/{protocol,model,machine,service}/**/*.ts'],
  plugins: ['./lab/mutation/test-runner.ts'],
  testRunner: 'in-process',
  coverageAnalysis: 'perTest',
  concurrency: 1, // a second process would slow down the clock that tells a loop without end
  disableTypeChecks: false, // nothing checks types here
  ignorePatterns: ['dist', '.local', 'coverage'],
  tempDirName: '.local/stryker',
  reporters: ['clear-text', 'json', 'progress'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation.json' },
};
