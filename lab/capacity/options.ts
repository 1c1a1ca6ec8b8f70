import { parseArgs } from 'node:util';
import { PRICES_AS_OF, REGION } from './costs.ts';
import { DAY_SECONDS, DEFAULTS, INPUTS, type Inputs, type InputSpec, type Traffic } from './inputs.ts';

const MOST_PER_SECOND = 1e7;
const PEAK = 2;

type NumberSpec = Pick<InputSpec, 'option' | 'range' | 'whole'>;

const TRAFFIC = {
  rate: { option: 'rate', range: [0.001, MOST_PER_SECOND] },
  day: { option: 'day', range: [1, MOST_PER_SECOND * DAY_SECONDS] },
  peak: { option: 'peak', range: [1, 1_000] },
} as const satisfies Readonly<Record<string, NumberSpec>>;

const optionLine = (option: string, says: string): string => `  ${`--${option}`.padEnd(27)}${says}`;

export const HELP = `What a load needs (connections, workers, functions, Firestore, Pub/Sub), costs a month, and which limits it meets.

usage: npm run capacity -- --rate 10000 --latency 80 [options]
       npm run capacity -- --day 1e9 [options]

the load (--rate, --day or both):
${optionLine('rate N', 'messages/s at the peak, and on average where there is no --day')}
${optionLine('day N', 'messages a day, on average')}
${optionLine('peak N', `the peak over the average, where --day has no --rate (${PEAK})`)}

${Object.values<InputSpec>(INPUTS)
  .map(({ option, fallback, says }) => optionLine(`${option} N`, `${says} (${fallback})`))
  .join('\n')}

${optionLine('json', 'print everything as JSON, inputs included')}
${optionLine('help', 'print this text')}

Numbers may be written 1e9. Prices are public list prices of ${REGION} as of ${PRICES_AS_OF}: put your own into
lab/capacity/costs.ts; what else is assumed is in lab/capacity/inputs.ts. docs/capacity.md explains the formulas.
Exit status: 0, or 2 for a mistake in the command.`;

export interface CapacityOptions {
  readonly inputs: Inputs;
  readonly json: boolean;
}

/** `undefined` for `--help`. Throws a TypeError for an unknown option, a RangeError that names every bad value. */
export function capacityOptions(args: readonly string[]): CapacityOptions | undefined {
  const numbers = [...Object.values<NumberSpec>(INPUTS), ...Object.values(TRAFFIC)];
  const options = Object.fromEntries(numbers.map(({ option }) => [option, { type: 'string' as const }]));
  const { values } = parseArgs({
    args: [...args],
    options: { ...options, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values['help'] === true) return undefined;
  const given = new Map(Object.entries(values));
  const faults = numbers.flatMap((spec) => faultOf(given.get(spec.option), spec) ?? []);
  const number = ({ option }: NumberSpec): number | undefined => {
    const text = given.get(option);
    return text === undefined ? undefined : Number(text);
  };
  const traffic = trafficOf(
    { rate: number(TRAFFIC.rate), day: number(TRAFFIC.day), peak: number(TRAFFIC.peak) },
    faults,
  );
  if (faults.length > 0) throw new RangeError(faults.join('\n'));
  const chosen = Object.entries<InputSpec>(INPUTS).map(([key, spec]) => [key, number(spec) ?? spec.fallback]);
  return {
    inputs: { ...DEFAULTS, ...(Object.fromEntries(chosen) as Partial<Inputs>), ...traffic },
    json: values['json'] === true,
  };
}

function faultOf(text: unknown, { option, range: [least, most], whole }: NumberSpec): string | undefined {
  if (typeof text !== 'string') return undefined;
  const value = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most && (whole !== true || Number.isInteger(value))) return undefined;
  return `--${option} must be a ${whole === true ? 'whole number' : 'number'}, ${least} … ${most}, not "${text}"`;
}

type Given = { readonly [K in keyof typeof TRAFFIC]: number | undefined };

function trafficOf({ rate, day, peak }: Given, faults: string[]): Traffic {
  const average = day === undefined ? rate : day / DAY_SECONDS;
  if (average === undefined) faults.push('--rate (messages/s) or --day (messages a day) is required');
  if (peak !== undefined && (rate !== undefined || day === undefined))
    faults.push('--peak goes with --day alone: --rate is the peak itself');
  if (rate !== undefined && average !== undefined && average > rate)
    faults.push(`--day ${day} is ${Math.ceil(average)} messages/s on average, more than the peak --rate ${rate}`);
  return { peakPerSecond: rate ?? (average ?? 0) * (peak ?? PEAK), averagePerSecond: average ?? 0 };
}
