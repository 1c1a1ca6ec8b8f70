#!/usr/bin/env node
/**
 * `npm run trial -- NAME… [--short]`: each on a fresh relay, one after the other. Exit status 1 when one finds a
 * violation.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mendPubSubEmulator } from '../../dev/stack/pubsub-emulator.ts';
import { emulatorEnvironment, startEmulators } from '../../dev/stack/emulators.ts';
import { choosePorts } from '../../dev/stack/ports.ts';
import { Processes } from '../../dev/stack/processes.ts';
import { Rig } from '../../dev/stack/rig.ts';
import { TRIALS, type Chosen } from './all.ts';

const HELP = `usage: npm run trial -- [name…] [--short]

  half-open   a silent connection with 100 pending: found in 30 s, all of it sent again            (1 min)
  drains      CCS drains a connection every 5 s, full load both ways, beside an undisturbed run    (14 min)
  storm       60 s of SERVICE_UNAVAILABLE with 10 000 messages queued                              (2 min)
  stops       50 × SIGTERM under load, each beside a new worker                                    (8 min)
  bad-target  one topic that always fails: the others keep their speed                            (3 min)
  killer      messages on which CCS closes the connection each time: isolated, and dead            (3 min)
  away        a worker with a wrong key hands back what it holds and pulls no more                 (3 min)
  frozen      CCS takes messages and never answers: they end as unknown                            (1 min)
  mute        one message that is never answered: its connection is replaced, the others unharmed  (7 min)
  soak        30 minutes of steady load: memory and handles stay flat

  --short     the sizes that npm test uses. Without a name: all of them.`;

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(TRIALS);
const unknown = names.filter((name) => TRIALS[name] === undefined);
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `there is no trial ${unknown.join(', ')}\n\n${HELP}` : HELP);
  process.exit(unknown.length > 0 ? 1 : 0);
}

const root = join(import.meta.dirname, '../..');
const processes = new Processes(join(root, '.local'), 'trial');
let rig: Rig | undefined;

async function end(code: number): Promise<never> {
  await rig?.close().catch(() => undefined);
  await processes.stop();
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(1));

async function attempt(name: string, trial: Chosen): Promise<boolean> {
  const startMs = Date.now();
  const say = (line: string): void =>
    console.log(`${name.padEnd(10)} ${((Date.now() - startMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
  rig = await Rig.start(trial.rig);
  const { figures, violations } = await trial.run(rig, say);
  await rig.close();
  rig = undefined;
  for (const [what, figure] of Object.entries(figures)) say(`${what.padEnd(22)} ${figure}`);
  for (const violation of violations) say(`VIOLATION ${violation}`);
  say(violations.length === 0 ? 'passed' : 'FAILED');
  return violations.length === 0;
}

try {
  const ports = await choosePorts(undefined);
  await mendPubSubEmulator(processes.folder);
  await startEmulators(processes, { root, ports });
  Object.assign(process.env, emulatorEnvironment(ports));
  let passed = true;
  for (const name of names) {
    const make = TRIALS[name];
    if (make !== undefined) passed = (await attempt(name, make(values.short ? 'short' : 'full'))) && passed;
  }
  await end(passed ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await end(1);
}
