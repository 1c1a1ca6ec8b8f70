import { flag, text, UsageError, whole } from '../../ops/cli/option.ts';
import type { Command, Parsed } from '../../ops/cli/parse.ts';

export interface BenchOptions {
  /** At least one; all of them if none was named. */
  readonly scenarios: readonly string[];
  /** Counted turns of each side. */
  readonly rounds: number;
  readonly size: 'full' | 'short';
  /** Only comparisons whose name contains this. */
  readonly only: string;
  readonly cpuProf: boolean;
  /** NODE_OPTIONS of every side's process. */
  readonly nodeOptions: string;
}

const ROUNDS = { full: 5, short: 1 };

const OPTIONS = {
  rounds: whole('N', 'counted turns of each side; fewer where a turn takes minutes', {
    min: 1,
    max: 999,
    defaultText: `${ROUNDS.full}; ${ROUNDS.short} with --short`,
  }),
  only: text('TEXT', 'only comparisons whose name contains TEXT; the longest run only when they are named', {}),
  short: flag('small sizes, to see that it works: the figures mean nothing'),
  'cpu-prof': flag(
    'write a .cpuprofile of every turn, and print the functions with the most self time; slows down all sides',
  ),
  'node-options': text(
    'TEXT',
    'NODE_OPTIONS of every side: --node-options=--max-old-space-size=256 is the heap of a container of 512 MB',
  ),
};

/** @param abouts one line for each scenario, by its name */
export const benchCommand = (abouts: Readonly<Record<string, string>>): Command<typeof OPTIONS> => ({
  name: 'npm run bench --',
  about: `Measures the relay beside its alternatives: the sides of a comparison take turns (A B A B …), each turn in a
      process of its own, after a warm-up of each.`,
  positionals: { usage: '[scenario…]', help: Object.entries(abouts) },
  options: OPTIONS,
  notes: `Without a scenario, all of them run. Figures are written as JSON to lab/bench/out. Ctrl-C ends everything.

Exit status: 0: every target is met, or was not judged for the reason given; 1: at least one is missed; 2: a turn did
not do its work, so no figure counts, or a mistake in the command line.`,
});

/** @throws UsageError on an unknown scenario */
export function benchOptions({ values, positionals }: Parsed<typeof OPTIONS>, known: readonly string[]): BenchOptions {
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new UsageError(`unknown scenario ${unknown.join(', ')}; there are ${known.join(', ')}`);
  const size = values.short ? 'short' : 'full';
  return {
    scenarios: positionals.length > 0 ? [...new Set(positionals)] : known,
    rounds: values.rounds ?? ROUNDS[size],
    size,
    only: values.only ?? '',
    cpuProf: values['cpu-prof'],
    nodeOptions: values['node-options'] ?? '',
  };
}
