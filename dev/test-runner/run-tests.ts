#!/usr/bin/env node
/**
 * `npm test`: the unit project, then the engines project against emulators that are started once for all of it. What
 * stands after `--` goes to jest (`npm test -- test/contract -t settle`). The last line counts both projects.
 *   --engines   the engines project only (`npm run test:engines`)
 *   --unit      the unit project only (`npm run test:unit`): neither Java nor network
 */
import { join } from 'node:path';
import { mendPubSubEmulator } from '../stack/pubsub-emulator.ts';
import { emulatorEnvironment, startEmulators } from '../stack/emulators.ts';
import { countFiles, jest, NOTHING, type Outcome } from './jest.ts';
import { choosePorts } from '../stack/ports.ts';
import { Processes } from '../stack/processes.ts';

const root = join(import.meta.dirname, '../..');
const only = ['--engines', '--unit'].find((flag) => flag === process.argv[2]);
const args = process.argv.slice(only === undefined ? 2 : 3);
const processes = new Processes(join(root, '.local'), 'test');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void processes.stop().then(() => process.exit(1)));
}

try {
  const unit =
    only === '--engines' ? NOTHING : await jest({ root, project: 'unit', args }, join(processes.folder, 'unit.json'));
  const engines =
    only === '--unit' || (await countFiles({ root, project: 'engines', args })) === 0
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
  await mendPubSubEmulator(processes.folder);
  await startEmulators(processes, { root, ports });
  return jest(
    { root, project: 'engines', args, env: emulatorEnvironment(ports) },
    join(processes.folder, 'engines.json'),
  );
}
