#!/usr/bin/env node
/**
 * `npm test`: the project `unit`, then the project `engines` on emulators that are started once for all of its files.
 * Arguments after `--` go to jest (`npm test -- test/contract -t settle`). The last line has the totals of both.
 *   --engines   only the project `engines` (`npm run test:engines`)
 *   --unit      only the project `unit` (`npm run test:unit`), which needs neither Java nor network
 */
import { join } from 'node:path';
import { startEmulators } from '../stack/emulators/emulators.ts';
import { countFiles, jest, NOTHING, type Outcome } from './jest.ts';
import { choosePorts } from '../stack/ports.ts';
import { Processes } from '../stack/process/processes.ts';
import { LOCAL_FOLDER, ROOT } from '../stack/programs.ts';

const only = ['--engines', '--unit'].find((flag) => flag === process.argv[2]);
const args = process.argv.slice(only === undefined ? 2 : 3);
const processes = new Processes(LOCAL_FOLDER, 'test');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void processes.stop().then(() => process.exit(1)));
}

try {
  const unit =
    only === '--engines'
      ? NOTHING
      : await jest({ root: ROOT, project: 'unit', args }, join(processes.folder, 'unit.json'));
  const engines =
    only === '--unit' || (await countFiles({ root: ROOT, project: 'engines', args })) === 0
      ? NOTHING
      : await againstEngines();
  await processes.stop();
  const [passed, failed] = [unit.passed + engines.passed, unit.failed + engines.failed];
  if (passed + failed === 0) console.error('No test ran.');
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
} catch (error) {
  await processes.stop();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function againstEngines(): Promise<Outcome> {
  const ports = await choosePorts(undefined);
  await startEmulators(processes, ports, { patchPubSub: true });
  return jest({ root: ROOT, project: 'engines', args }, join(processes.folder, 'engines.json'));
}
