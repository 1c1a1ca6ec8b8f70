import { flag, number, UsageError, type Option } from '../../ops/cli/option.ts';
import { parseCommandLine, type Command, type Values } from '../../ops/cli/parse.ts';
import { PRICES_AS_OF, REGION } from './costs.ts';
import { DAY_SECONDS, DEFAULTS, INPUTS, type Inputs, type InputSpec, type Traffic } from './inputs.ts';

const MOST_PER_SECOND = 1e7;
const PEAK = 2;

const optionOf = ({ says, fallback, range: [min, max], whole }: InputSpec): Option<number | undefined> =>
  number('N', says, { min, max, default: fallback, whole: whole === true });

type InputOptions = { readonly [K in keyof typeof INPUTS as (typeof INPUTS)[K]['option']]: Option<number | undefined> };

const LOAD = { group: 'the load: --rate, --day or both' };
const OPTIONS = {
  rate: number('N', 'messages/s at the peak, and on average where there is no --day', {
    ...LOAD,
    min: 0.001,
    max: MOST_PER_SECOND,
  }),
  day: number('N', 'messages a day, on average', { ...LOAD, min: 1, max: MOST_PER_SECOND * DAY_SECONDS }),
  peak: number('N', 'the peak over the average, where --day has no --rate', {
    ...LOAD,
    min: 1,
    max: 1_000,
    defaultText: String(PEAK),
  }),
  ...(Object.fromEntries(Object.values(INPUTS).map((spec) => [spec.option, optionOf(spec)])) as InputOptions),
  json: flag('print everything as JSON, inputs included'),
};

export const COMMAND: Command<typeof OPTIONS> = {
  name: 'npm run capacity --',
  about: 'What a load needs, what it costs a month, and which limits it meets.',
  options: OPTIONS,
  notes: [
    'Example: npm run capacity -- --day 1e9 --latency 80',
    `Prices are public list prices of ${REGION} as of ${PRICES_AS_OF}: put your own into lab/capacity/costs.ts. ` +
      'Other assumptions are in lab/capacity/inputs.ts. docs/capacity.md explains the formulas.',
    'Exit status: 0, or 2: a mistake in the command line.',
  ].join('\n\n'),
};

export interface CapacityOptions {
  readonly inputs: Inputs;
  readonly json: boolean;
}

/** `undefined` for `--help`. @throws UsageError */
export function capacityOptions(args: readonly string[]): CapacityOptions | undefined {
  const parsed = parseCommandLine(COMMAND, args);
  return parsed === undefined ? undefined : optionsOf(parsed.values);
}

/** @throws UsageError when the load makes no sense */
export function optionsOf(values: Values<typeof OPTIONS>): CapacityOptions {
  const chosen = Object.entries(INPUTS).map(([key, { option, fallback }]) => [key, values[option] ?? fallback]);
  const settings = Object.fromEntries(chosen) as Partial<Inputs>;
  return { inputs: { ...DEFAULTS, ...settings, ...trafficOf(values) }, json: values.json };
}

function trafficOf({ rate, day, peak }: Pick<Values<typeof OPTIONS>, 'rate' | 'day' | 'peak'>): Traffic {
  const average = day === undefined ? rate : day / DAY_SECONDS;
  if (average === undefined) throw new UsageError('--rate (messages/s) or --day (messages a day) is required');
  if (peak !== undefined && (rate !== undefined || day === undefined))
    throw new UsageError('--peak goes with --day alone: --rate is the peak itself');
  if (rate !== undefined && average > rate)
    throw new UsageError(
      `--day ${day} is ${Math.ceil(average)} messages/s on average, more than the peak --rate ${rate}`,
    );
  return { peakPerSecond: rate ?? average * (peak ?? PEAK), averagePerSecond: average };
}
