import { flag, number, UsageError, type Option } from '../../ops/cli/option.ts';
import { parseCommandLine, type Command, type Parsed } from '../../ops/cli/parse.ts';
import { PRICES_AS_OF, REGION } from './costs.ts';
import { DAY_SECONDS, DEFAULTS, INPUTS, type Inputs, type InputSpec, type Traffic } from './inputs.ts';

const MOST_PER_SECOND = 1e7;
const PEAK = 2;
const LOAD = { group: 'The load (--rate, --day or both)' };

const TRAFFIC = {
  rate: number('N', 'messages/s at the peak, and on average where there is no --day', {
    min: 0.001,
    max: MOST_PER_SECOND,
    ...LOAD,
  }),
  day: number('N', 'messages a day, on average', { min: 1, max: MOST_PER_SECOND * DAY_SECONDS, ...LOAD }),
  peak: number('N', 'the peak over the average, where --day has no --rate', {
    min: 1,
    max: 1_000,
    defaultText: String(PEAK),
    ...LOAD,
  }),
};

/** Every input of inputs.ts. */
const SETTINGS: Readonly<Record<string, Option<number>>> = Object.fromEntries(
  Object.values<InputSpec>(INPUTS).map(({ option, says, range: [min, max], fallback, whole = false }) => [
    option,
    number('N', says, { min, max, whole, default: fallback }),
  ]),
);

type Options = typeof TRAFFIC & { readonly json: Option<boolean> };

export const COMMAND: Command<Options> = {
  name: 'npm run capacity --',
  about: 'What a load needs, what it costs a month, and which limits it meets.',
  options: { ...SETTINGS, ...TRAFFIC, json: flag('print everything as JSON, inputs included') },
  notes: `Examples: npm run capacity -- --rate 10000 --latency 80; npm run capacity -- --day 1e9

    Numbers may be written 1e9. Prices are public list prices of ${REGION} as of ${PRICES_AS_OF}: put your own into
    lab/capacity/costs.ts; what else is assumed is in lab/capacity/inputs.ts. docs/capacity.md explains the formulas.

    Exit status: 0, or 2 for a mistake in the command line.`,
};

export interface CapacityOptions {
  readonly inputs: Inputs;
  readonly json: boolean;
}

/** `undefined` for `--help`. @throws UsageError */
export function capacityOptions(args: readonly string[]): CapacityOptions | undefined {
  const parsed = parseCommandLine(COMMAND, args);
  return parsed && optionsOf(parsed);
}

/** @throws UsageError that names every contradiction */
export function optionsOf({ values }: Parsed<Options>): CapacityOptions {
  const settings: Readonly<Record<string, unknown>> = values; // those of SETTINGS are numbers
  const chosen = Object.entries<InputSpec>(INPUTS).map(([key, { option }]) => [key, settings[option]]);
  return {
    inputs: { ...DEFAULTS, ...(Object.fromEntries(chosen) as Partial<Inputs>), ...trafficOf(values) },
    json: values.json,
  };
}

type Given = Readonly<Record<keyof typeof TRAFFIC, number | undefined>>;

function trafficOf({ rate, day, peak }: Given): Traffic {
  const average = day === undefined ? rate : day / DAY_SECONDS;
  const mistakes: string[] = [];
  if (average === undefined) mistakes.push('--rate (messages/s) or --day (messages a day) is required');
  if (peak !== undefined && (rate !== undefined || day === undefined))
    mistakes.push('--peak goes with --day alone: --rate is the peak itself');
  if (rate !== undefined && average !== undefined && average > rate)
    mistakes.push(`--day ${day} is ${Math.ceil(average)} messages/s on average, more than the peak --rate ${rate}`);
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  return { peakPerSecond: rate ?? (average ?? 0) * (peak ?? PEAK), averagePerSecond: average ?? 0 };
}
