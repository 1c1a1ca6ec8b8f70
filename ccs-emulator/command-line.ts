import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import type { CcsEmulatorOptions } from './options.ts';

export const HELP = `ccs-emulator: a stand-in for FCM's XMPP connection server (CCS), with devices and faults by remote control

Usage: ccs-emulator [options]

  --port N            TLS port of XMPP (5235; 0: any free one)
  --test-port N       a second one, as FCM's 5236; both share a sender's upstream
  --control-port N    HTTP port of the remote control (5280; 0: any free one)
  --host ADDRESS      where to listen (127.0.0.1)
  --sender ID=KEY     a sender id and its server key; may be repeated (1234567890=server-key)
  --seed TEXT         seed of all randomness (ccs)
  --latency MS        from a message to its answer: MS or MIN-MAX (0)
  --pending-limit N   messages without an answer on one connection (100)
  --over-limit WHAT   ignore, nack or close what comes past it (ignore)
  --strict-tokens     refuse tokens of devices that were not made (BAD_REGISTRATION)
  --rates             240 messages a minute and 5000 an hour to one device, collapsible burst of 20
  --receipts          delivery receipts
  --chunk MIN-MAX     cut all output into pieces of so many bytes
  --keepalive MS      a space so often on every connection (60000; 0: never)
  --devices FILE      JSON: {"TOKEN": {"state": "unregistered"}, …} as PUT /devices/{token} takes it
  --directory PATH    where the throw-away CA and certificate are kept
  --cert PATH --key PATH --ca PATH   a certificate of your own
  --history N         records kept of each history (200000; 0: none)
  --log KIND          quiet (one line when ready) or pretty (a line for everything that happens) (quiet)
  --help

When ready it prints one line:
  ready ccs=HOST:PORT control=URL ca=PATH
and ends at SIGTERM or SIGINT.
`;

export interface Command {
  readonly options: CcsEmulatorOptions;
  readonly devices: Readonly<Record<string, unknown>>;
  readonly pretty: boolean;
  readonly help: boolean;
}

/** The command line is wrong; the message says where. */
export class UsageError extends Error {}

const FLAGS = {
  port: { type: 'string', default: '5235' }, 'test-port': { type: 'string' }, 'control-port': { type: 'string', default: '5280' }, host: { type: 'string', default: '127.0.0.1' },
  sender: { type: 'string', multiple: true }, seed: { type: 'string', default: 'ccs' }, latency: { type: 'string', default: '0' },
  'pending-limit': { type: 'string', default: '100' }, 'over-limit': { type: 'string', default: 'ignore' }, 'strict-tokens': { type: 'boolean', default: false },
  rates: { type: 'boolean', default: false }, receipts: { type: 'boolean', default: false }, chunk: { type: 'string' }, keepalive: { type: 'string', default: '60000' },
  devices: { type: 'string' }, directory: { type: 'string' }, cert: { type: 'string' }, key: { type: 'string' }, ca: { type: 'string' },
  history: { type: 'string', default: '200000' }, log: { type: 'string', default: 'quiet' }, help: { type: 'boolean', default: false },
} as const;

function number(flag: string, text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UsageError(`--${flag}: a number is wanted, not "${text}"`);
  return Number(text);
}

function range(flag: string, text: string): { min: number; max: number } {
  const [min = '', max = min] = text.split('-');
  return { min: number(flag, min), max: number(flag, max) };
}

function oneOf<T extends string>(flag: string, text: string, ...allowed: readonly T[]): T {
  const found = allowed.find((one) => one === text);
  if (found === undefined) throw new UsageError(`--${flag}: one of ${allowed.join(', ')} is wanted, not "${text}"`);
  return found;
}

function senders(given: readonly string[] | undefined): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  return Object.fromEntries(given.map((one) => {
    const at = one.indexOf('=');
    if (at < 1) throw new UsageError(`--sender: ID=KEY is wanted, not "${one}"`);
    return [one.slice(0, at), one.slice(at + 1)];
  }));
}

function devicesOf(path: string | undefined): Record<string, unknown> {
  if (path === undefined) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`--devices: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tlsOf({ cert, key, ca }: { readonly cert?: string | undefined; readonly key?: string | undefined; readonly ca?: string | undefined }): CcsEmulatorOptions['tls'] {
  if (cert === undefined && key === undefined && ca === undefined) return undefined;
  if (cert === undefined || key === undefined || ca === undefined) throw new UsageError('--cert, --key and --ca go together');
  return { certPath: cert, keyPath: key, caPath: ca };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

export function readCommandLine(args: readonly string[]): Command {
  const flags = parse(args);
  const latency = range('latency', flags.latency);
  const options: CcsEmulatorOptions = {
    host: flags.host, port: number('port', flags.port), controlPort: number('control-port', flags['control-port']), seed: flags.seed,
    testPort: flags['test-port'] === undefined ? undefined : number('test-port', flags['test-port']),
    senders: senders(flags.sender), directory: flags.directory, tls: tlsOf(flags), historyLimit: number('history', flags.history),
    latencyMs: latency.min === latency.max ? latency.min : latency,
    pendingLimit: number('pending-limit', flags['pending-limit']), overLimit: oneOf('over-limit', flags['over-limit'], 'ignore', 'nack', 'close'),
    unknownTokens: flags['strict-tokens'] ? 'refuse' : 'register', rateLimits: flags.rates, receipts: flags.receipts,
    chunk: flags.chunk === undefined ? null : range('chunk', flags.chunk), keepaliveMs: number('keepalive', flags.keepalive),
  };
  return { options, devices: devicesOf(flags.devices), pretty: oneOf('log', flags.log, 'quiet', 'pretty') === 'pretty', help: flags.help };
}
