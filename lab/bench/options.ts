import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** At least one; all of them where none was named. */
  readonly scenarios: readonly string[];
  /** Counted turns of each side. */
  readonly rounds: number;
  readonly size: 'full' | 'short';
  /** Only comparisons whose name holds this. */
  readonly only: string;
  readonly cpuProf: boolean;
  /** NODE_OPTIONS of every side's process. */
  readonly nodeOptions: string;
}

const OPTIONS = {
  rounds: { type: 'string' },
  short: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  'cpu-prof': { type: 'boolean', default: false },
  'node-options': { type: 'string', default: '' },
  help: { type: 'boolean', default: false },
} as const;

const ROUNDS = { full: 5, short: 1 };

/** @param abouts one line a scenario, by its name */
export const helpText = (
  abouts: Readonly<Record<string, string>>,
): string => `Measures the relay beside its alternatives: the sides of a scenario in turn (A B A B …), each turn in a process of its own, after a warm-up of each.
Exit status 0: every target is met (or was not judged, with the reason); 1: at least one is not; 2: a turn did not do its work, and nothing counts.

usage: npm run bench -- [scenario…] [options]

${Object.entries(abouts)
  .map(([name, about]) => `  ${name.padEnd(14)} ${about}`)
  .join('\n')}

  --rounds N     counted turns of each side        (default: ${ROUNDS.full}; ${ROUNDS.short} with --short; of what takes minutes, fewer)
  --only TEXT    only comparisons whose name holds the text; some take so long that they run only when asked for
  --short        small sizes, to see that it works: the figures say nothing
  --cpu-prof     leaves a .cpuprofile of every turn beside the figures and prints the functions with the most self time; it slows all sides down
  --node-options TEXT
                 NODE_OPTIONS of every side: --node-options=--max-old-space-size=256 is the heap of a container of 512 MB
  --help         this text

Without a scenario: all of them. Figures are kept as JSON in lab/bench/out. Ctrl-C ends everything.`;

/**
 * `undefined` when only help is wanted. @throws TypeError on an option that there is not, RangeError on a bad value or
 * an unknown scenario
 */
export function benchOptions(args: readonly string[], known: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (values.help) return undefined;
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new RangeError(`there is no scenario ${unknown.join(', ')}; there are ${known.join(', ')}`);
  const size = values.short ? 'short' : 'full';
  const rounds = values.rounds ?? String(ROUNDS[size]);
  if (!/^[1-9]\d{0,2}$/.test(rounds))
    throw new RangeError(`--rounds must be a whole number from 1 to 999, not "${rounds}"`);
  return {
    scenarios: positionals.length > 0 ? [...new Set(positionals)] : known,
    rounds: Number(rounds),
    size,
    only: values.only,
    cpuProf: values['cpu-prof'],
    nodeOptions: values['node-options'],
  };
}
