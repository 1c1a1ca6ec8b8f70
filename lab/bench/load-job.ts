import type { DownstreamMessage } from '../../relay/protocol/legacy/message.ts';

/** The job of a side's program, passed as JSON in its environment. */
export interface LoadJob {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly pendingLimit: number;
  /** Sent before the measured ones, without a pause. */
  readonly warmUp: number;
  readonly messages: number;
  /** Sent after the measured ones, so as many are in progress at the end as at the beginning. Default: 0. */
  readonly behind?: number;
  /** How many devices receive them in turn. Default: 1 000. */
  readonly devices?: number;
}

const VARIABLE = 'BENCH_JOB';

export const jobEnvironment = (job: object): Record<string, string> => ({ [VARIABLE]: JSON.stringify(job) });

/** Called in the side: a LoadJob, or what else the scenario passes. */
export const jobOf = (): unknown => JSON.parse(process.env[VARIABLE] ?? '');

const PREFIX = 'bench-';
const DEVICES = 1_000;
const TTL_SECONDS = 3_600;

export const messageId = (n: number): string => `${PREFIX}${n}`;

/** @throws RangeError on an id that is not from `messageId` */
export function numberOf(id: string): number {
  const n = id.startsWith(PREFIX) ? Number(id.slice(PREFIX.length)) : NaN;
  if (!Number.isInteger(n)) throw new RangeError(`"${id}" is not an id of the bench`);
  return n;
}

/** The same for all sides: a small data message with every field that the relay sends. */
export const messageOf = (
  n: number,
  devices = DEVICES,
): DownstreamMessage & { readonly to: string; readonly data: Readonly<Record<string, string>> } => ({
  message_id: messageId(n),
  to: `device-token-${n % devices}`,
  priority: 'normal',
  time_to_live: TTL_SECONDS,
  data: { n: String(n), text: 'hello, Wörld & <all>' },
});
