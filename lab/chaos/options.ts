import { parseArgs } from 'node:util';

export const HELP = `Breaks a whole relay on this machine again and again under load, in both directions, and then proves from its histories that
nothing was lost, doubled past the bound or misreported. Exit status 0: no violation; 1: at least one (or the run could not be made).

usage: npm run chaos -- [options]

  --messages N     messages handed in, and as many upstream     (default: 3000)
  --kills K        kill -9 of workers and of the functions      (default: 5)
  --seed S         of the schedule of faults                    (default: another each time; it is printed)
  --rate R         messages a second, each way                  (default: 130; a run lasts at least 45 s, and 7 s for each kill)
  --port-base N    the ports N to N+11                          (default: any free block)
  --help           this text

Besides the kills: SIGTERM with a successor, resets, half-open connections, drains, storms of SERVICE_UNAVAILABLE, rate nacks, repeated, late,
shuffled and missing answers, processes frozen for seconds (SIGSTOP): workers, the Firestore and the Pub/Sub emulator, and both emulators gone
for seconds as a stopped and restarted one is (connections reset, new ones refused; they hold everything in memory, so they themselves go on).

Ctrl-C ends everything. Logs, and the whole history when there was a violation, are in .local/logs/chaos, one folder a run.`;

export interface ChaosOptions {
  readonly messages: number;
  readonly kills: number;
  readonly seed: string;
  /** Messages a second, each way. */
  readonly rate: number;
  readonly portBase: number | undefined;
}

const OPTIONS = {
  messages: { type: 'string', default: '3000' },
  kills: { type: 'string', default: '5' },
  seed: { type: 'string' },
  rate: { type: 'string', default: '130' },
  'port-base': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** `undefined` when only help is wanted. @throws TypeError on an option that there is not, RangeError on a bad value */
export function chaosOptions(args: readonly string[]): ChaosOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return undefined;
  const base = values['port-base'];
  return {
    messages: whole('--messages', values.messages, 1),
    kills: whole('--kills', values.kills, 0),
    seed: values.seed ?? String(Math.floor(Math.random() * 1e6)),
    rate: whole('--rate', values.rate, 1),
    portBase: base === undefined ? undefined : whole('--port-base', base, 1),
  };
}

function whole(name: string, text: string, least: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new RangeError(`${name} must be a whole number from ${least}, not "${text}"`);
  return Number(text);
}

const LEAST_MS = 45_000;
const EACH_KILL_MS = 7_000; // a worker needs two of them to be back

/** How long the load and the faults last. */
export const durationMs = ({ messages, rate, kills }: ChaosOptions): number =>
  Math.max(LEAST_MS, (messages / rate) * 1_000, kills * EACH_KILL_MS);
