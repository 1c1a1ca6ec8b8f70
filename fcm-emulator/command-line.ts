import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { decimal, filled, MILLISECONDS, oneOf, PORT, range, UsageError, whole } from './option-value.ts';
import type { FcmEmulatorOptions } from './options.ts';

export const HELP = `fcm-emulator: a stand-in for FCM's XMPP connection server (CCS), with devices and faults by remote control

Usage: fcm-emulator [options]

  --port N            TLS port of XMPP (5235; 0: any free one)
  --test-port N       a second one, as FCM's 5236; both share a sender's upstream
  --control-port N    HTTP port of the remote control (5280; 0: any free one)
  --host ADDRESS      where XMPP listens (127.0.0.1)
  --control-host ADDRESS  where the remote control listens: it has no password (127.0.0.1)
  --control-name NAME[:PORT]  a further name that it is called by, in a container or behind a port mapping;
                      may be repeated
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
  --log KIND          quiet (one line when ready; on stderr, why a client was refused), pretty (a line for everything
                      that happens) or wire (also the stanzas, clipped, both ways; never a server key) (quiet)
  --help

When ready it prints one line:
  ready ccs=HOST:PORT control=URL ca=PATH
and ends at SIGTERM or SIGINT.
`;

export const LOG_KINDS = ['quiet', 'pretty', 'wire'] as const;
export type LogKind = (typeof LOG_KINDS)[number];

export interface Command {
  readonly options: FcmEmulatorOptions;
  readonly devices: unknown;
  readonly log: LogKind;
  readonly help: boolean;
}

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
const TEXT = { type: 'string' } as const;
const TEXTS = { type: 'string', multiple: true } as const;
const SWITCH = { type: 'boolean', default: false } as const;

const FLAGS = {
  port: text('5235'),
  'test-port': TEXT,
  'control-port': text('5280'),
  host: text('127.0.0.1'),
  'control-host': text('127.0.0.1'),
  'control-name': TEXTS,
  sender: TEXTS,
  seed: text('ccs'),
  latency: text('0'),
  'pending-limit': text('100'),
  'over-limit': text('ignore'),
  'strict-tokens': SWITCH,
  rates: SWITCH,
  receipts: SWITCH,
  chunk: TEXT,
  keepalive: text('60000'),
  devices: TEXT,
  directory: TEXT,
  cert: TEXT,
  key: TEXT,
  ca: TEXT,
  history: text('200000'),
  log: text('quiet'),
  help: SWITCH,
} as const;

const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };
const AT_LEAST_ONE = { ...COUNT, min: 1 };
const NAME = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d+)?$/;
const SENDER = /^([^\s@/=]+)=(\S+)$/; // an id with an @ could never log in

function senders(given: readonly string[] | undefined): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  const found = new Map<string, string>();
  for (const one of given) {
    const [, id, key] = SENDER.exec(one) ?? [];
    // Only the id is shown: what stands behind the = is a key.
    if (id === undefined || key === undefined)
      throw new UsageError(`--sender: ID=KEY is wanted, without white space, not "${one.split('=')[0] ?? ''}=…"`);
    if (found.has(id)) throw new UsageError(`--sender: ${id} is there twice`);
    found.set(id, key);
  }
  return Object.fromEntries(found);
}

function names(given: readonly string[] = []): readonly string[] {
  for (const one of given)
    if (!NAME.test(one)) throw new UsageError(`--control-name: NAME or NAME:PORT is wanted, not "${one}"`);
  return given;
}

function devicesOf(path: string | undefined): unknown {
  if (path === undefined) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `--devices: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

interface TlsFlags {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

function tlsOf({ cert, key, ca }: TlsFlags): FcmEmulatorOptions['tls'] {
  if (cert === undefined && key === undefined && ca === undefined) return undefined;
  if (cert === undefined || key === undefined || ca === undefined)
    throw new UsageError('--cert, --key and --ca go together');
  const paths = { cert, key, ca };
  for (const [flag, path] of Object.entries(paths)) readable(flag, path);
  return { certPath: cert, keyPath: key, caPath: ca };
}

function readable(flag: string, path: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    throw new UsageError(
      `--${flag}: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

type Flags = ReturnType<typeof parse>;

function placesOf(flags: Flags): FcmEmulatorOptions {
  const port = (flag: 'port' | 'test-port' | 'control-port', value: string): number => whole(flag, value, PORT);
  return {
    host: filled('host', flags.host),
    controlHost: filled('control-host', flags['control-host']),
    controlNames: [...names(flags['control-name'])],
    port: port('port', flags.port),
    controlPort: port('control-port', flags['control-port']),
    testPort: flags['test-port'] === undefined ? undefined : port('test-port', flags['test-port']),
    directory: flags.directory === undefined ? undefined : filled('directory', flags.directory),
    tls: tlsOf(flags),
  };
}

export function readCommandLine(args: readonly string[]): Command {
  const flags = parse(args);
  const latency = range('latency', flags.latency, (part) => decimal('latency', part, MILLISECONDS));
  const options: FcmEmulatorOptions = {
    ...placesOf(flags),
    seed: flags.seed,
    senders: senders(flags.sender),
    historyLimit: whole('history', flags.history, COUNT),
    latencyMs: latency.min === latency.max ? latency.min : latency,
    pendingLimit: whole('pending-limit', flags['pending-limit'], AT_LEAST_ONE),
    overLimit: oneOf('over-limit', flags['over-limit'], ['ignore', 'nack', 'close']),
    unknownTokens: flags['strict-tokens'] ? 'refuse' : 'register',
    rateLimits: flags.rates,
    receipts: flags.receipts,
    chunk: flags.chunk === undefined ? null : range('chunk', flags.chunk, (part) => whole('chunk', part, AT_LEAST_ONE)),
    keepaliveMs: decimal('keepalive', flags.keepalive, MILLISECONDS),
  };
  return { options, devices: devicesOf(flags.devices), log: oneOf('log', flags.log, LOG_KINDS), help: flags.help };
}
