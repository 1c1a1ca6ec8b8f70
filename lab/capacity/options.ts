import { parseArgs } from 'node:util';
import {
  DEFAULT_SETTINGS,
  GROUPS,
  INPUTS,
  type Inputs,
  type InputSpec,
  type Settings,
  type Traffic,
} from './inputs.ts';
import { MEASURED_BATCH } from './measured.ts';
import { PRICES_AS_OF, REGION } from './prices.ts';
import { DAY_SECONDS } from './units.ts';

export interface CapacityOptions {
  readonly inputs: Inputs;
  readonly json: boolean;
}

const MOST_PER_SECOND = 10_000_000;
const MOST_A_DAY = MOST_PER_SECOND * DAY_SECONDS;
const MOST_PEAK = 1_000;
const PEAK = 2;

const WIDTH = 34;
const optionLine = ({ option, fallback, says }: InputSpec): string =>
  `  ${`--${option} N`.padEnd(WIDTH)}${says} (${fallback})`;
const groupText = ([name, specs]: readonly [string, Readonly<Record<string, InputSpec>>]): string =>
  `${name}:\n${Object.values(specs).map(optionLine).join('\n')}`;

export const HELP = `What a load takes: connections, workers, functions, Firestore, Pub/Sub, limits, ramp-up, and a month's bill.

usage: npm run capacity -- --rate 10000 --latency 80 [options]
       npm run capacity -- --day 1e9 [options]

how much (one of the first two, or both):
  ${'--rate N'.padEnd(WIDTH)}messages/s at the peak; without --day all the time
  ${'--day N'.padEnd(WIDTH)}messages a day; without --rate the peak is --peak times the average
  ${'--peak N'.padEnd(WIDTH)}(${PEAK})
  ${'--json'.padEnd(WIDTH)}everything as JSON, inputs included
  ${'--help'.padEnd(WIDTH)}this text

${Object.entries(GROUPS).map(groupText).join('\n\n')}

Prices are public list prices of ${REGION} as known on ${PRICES_AS_OF}: put in your own. Numbers may be written 1e9. Exit status: 0, or 2 for a
mistake in the command. docs/performance.md explains the formula.`;

type OptionTable = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;
const NUMBERS: OptionTable = Object.fromEntries(
  [...Object.values<InputSpec>(INPUTS).map(({ option }) => option), 'rate', 'day', 'peak'].map((option) => [
    option,
    { type: 'string' },
  ]),
);

/**
 * `undefined` when only help is wanted. Throws a TypeError on an option that there is not, a RangeError that names
 * every bad value.
 */
export function capacityOptions(args: readonly string[]): CapacityOptions | undefined {
  const parsed = parseArgs({
    args: [...args],
    options: { ...NUMBERS, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const values: Readonly<Record<string, unknown>> = parsed.values;
  if (values['help'] === true) return undefined;
  const faults: string[] = [];
  const number = (spec: Omit<InputSpec, 'fallback' | 'says'>): number | undefined => {
    const text = values[spec.option];
    if (typeof text !== 'string') return undefined;
    const fault = faultOf(text, spec);
    if (fault !== undefined) faults.push(fault);
    return Number(text);
  };
  const changes = Object.entries<InputSpec>(INPUTS).flatMap(([key, spec]) => {
    const value = number(spec);
    return value === undefined ? [] : [[key, value] as const];
  });
  const rate = number({ option: 'rate', least: 0.001, most: MOST_PER_SECOND });
  const day = number({ option: 'day', least: 1, most: MOST_A_DAY });
  const peak = number({ option: 'peak', least: 1, most: MOST_PEAK });
  const traffic = trafficOf({ rate, day, peak }, faults);
  const settings: Settings = { ...DEFAULT_SETTINGS, ...Object.fromEntries(changes) };
  refuseDearBatches(settings, faults);
  if (faults.length > 0) throw new RangeError(faults.join('\n'));
  return { inputs: { ...settings, ...traffic }, json: values['json'] === true };
}

function faultOf(
  text: string,
  { option, least, most, whole }: Omit<InputSpec, 'fallback' | 'says'>,
): string | undefined {
  const value = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  const good = value >= least && value <= most && (whole !== true || Number.isInteger(value));
  return good
    ? undefined
    : `--${option} must be a ${whole === true ? 'whole number' : 'number'}, ${least} … ${most}, not "${text}"`;
}

/**
 * A call costs something, so a message in a call of many costs no more than one in a call of its own: else the two were
 * mixed up.
 */
function refuseDearBatches(
  { functionBatchMicros: batch, functionSingleMicros: single }: Settings,
  faults: string[],
): void {
  if (batch > single)
    faults.push(
      `--function-batch-us ${batch} is more than --function-single-us ${single}: a message in a call of ${MEASURED_BATCH} costs no more than one in a call of its own; give both`,
    );
}

interface Given {
  readonly rate: number | undefined;
  readonly day: number | undefined;
  readonly peak: number | undefined;
}

function trafficOf({ rate, day, peak }: Given, faults: string[]): Traffic {
  const average = day === undefined ? rate : day / DAY_SECONDS;
  if (average === undefined) faults.push('how much? --rate messages/s, or --day messages a day');
  if (peak !== undefined && (rate !== undefined || day === undefined))
    faults.push('--peak is for --day without --rate, which is the peak itself');
  if (rate !== undefined && average !== undefined && average > rate)
    faults.push(`--day ${day} is ${Math.ceil(average)} messages/s on the average, more than the peak --rate ${rate}`);
  return { peakPerSecond: rate ?? (average ?? 0) * (peak ?? PEAK), averagePerSecond: average ?? 0 };
}
