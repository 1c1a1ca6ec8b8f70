import { flag, text, UsageError, whole } from '../../ops/cli/option.ts';
import type { Command, Values } from '../../ops/cli/parse.ts';
import { PLANS } from './plans/all.ts';

const RANDOM = 'Random faults';
const NAMED = 'A named plan instead';
const EVERY_PLAN = 'all';

const OPTIONS = {
  messages: whole('N', 'messages to submit, and as many upstream', { min: 1, default: 3_000, group: RANDOM }),
  kills: whole('K', 'kill -9 of workers and of the functions', { min: 0, default: 5, group: RANDOM }),
  seed: text('S', 'of the schedule of faults', { defaultText: 'random, and printed', group: RANDOM }),
  rate: whole('R', 'messages a second, each way; a run lasts at least 45 s, and 7 s for each kill', {
    min: 1,
    default: 130,
    group: RANDOM,
  }),
  'port-base': whole('N', 'use the ports N to N+11', { min: 1, defaultText: 'any free block', group: RANDOM }),
  plan: text('NAME', `one of those below, several with commas between them, or "${EVERY_PLAN}"`, { group: NAMED }),
  short: flag('the plan in the size that npm test uses', { group: NAMED }),
};

export const COMMAND: Command<typeof OPTIONS> = {
  name: 'npm run chaos --',
  about: `Breaks a whole relay on this machine under load, in both directions, and then proves from what was observed
      that nothing was lost, repeated beyond the bound or misreported.`,
  options: OPTIONS,
  tables: {
    'Plans, each on a fresh relay, with checks of its own': Object.entries(PLANS).map(
      ([name, { about, minutes }]) => [name, `${about} (${minutes} min)`] as const,
    ),
  },
  notes: `Random faults, besides the kills: SIGTERM with a successor, resets, half-open connections, drains, bursts of
SERVICE_UNAVAILABLE, rate nacks; repeated, late, reordered and missing answers; processes frozen for seconds
(SIGSTOP): workers, the Firestore and the Pub/Sub emulator; and both emulators unreachable for seconds, as if
they were restarted.

Exit status: 0: no violation; 1: a violation, or the run failed; 2: a mistake in the command line. Ctrl-C ends
everything. Logs, and the whole history after a violation, are in .local/logs/chaos, one folder per run.`,
};

export interface ChaosOptions {
  readonly messages: number;
  readonly kills: number;
  readonly seed: string;
  /** Messages a second, each way. */
  readonly rate: number;
  readonly portBase: number | undefined;
  /** Empty: random faults. */
  readonly plans: readonly string[];
  readonly size: 'full' | 'short';
}

/** @throws UsageError on an unknown plan */
export function chaosOptions(values: Values<typeof OPTIONS>): ChaosOptions {
  const { messages, kills, rate, seed = String(Math.floor(Math.random() * 1e6)), short } = values;
  const size = short ? 'short' : 'full';
  return { messages, kills, rate, seed, portBase: values['port-base'], plans: planNames(values.plan), size };
}

function planNames(names: string | undefined): readonly string[] {
  if (names === undefined) return [];
  if (names === EVERY_PLAN) return Object.keys(PLANS);
  const unknown = names.split(',').filter((name) => PLANS[name] === undefined);
  if (unknown.length > 0)
    throw new UsageError(`unknown plan ${unknown.join(', ')}; there are ${Object.keys(PLANS).join(', ')}`);
  return names.split(',');
}

const LEAST_MS = 45_000;
const EACH_KILL_MS = 7_000; // a worker needs two of them to be back

/** How long the load and the faults last. */
export const durationMs = ({ messages, rate, kills }: ChaosOptions): number =>
  Math.max(LEAST_MS, (messages / rate) * 1_000, kills * EACH_KILL_MS);
