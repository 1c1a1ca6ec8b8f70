import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { decimal, MILLISECONDS, nonEmpty, oneOf, PORT, range, UsageError, whole } from './option-value.ts';
import type { FcmEmulatorOptions } from '../options.ts';

export const HELP = `fcm-emulator: emulates FCM's XMPP connection server (CCS) and devices, with fault injection

Usage: fcm-emulator [options]

  --port N            TLS port for XMPP (5235; 0: any free port)
  --test-port N       a second TLS port, like FCM's 5236; both share a sender's upstream messages
  --control-port N    HTTP port of the control API (5280; 0: any free port)
  --host ADDRESS      address to listen on for XMPP (127.0.0.1)
  --control-host ADDRESS  address to listen on for the control API, which has no authentication (127.0.0.1)
  --control-name NAME[:PORT]  a further host name the control API is reached by, e.g. in a container network or
                      behind a port mapping; repeatable
  --sender ID=KEY     a sender id and its server key; repeatable (1234567890=server-key)
  --seed TEXT         seed of all randomness (ccs)
  --latency MS        from a message to its answer: MS or MIN-MAX (0)
  --pending-limit N   unanswered messages allowed on a connection (100)
  --over-limit WHAT   what to do past the pending limit: ignore, nack or close (ignore)
  --strict-tokens     refuse tokens of unknown devices (BAD_REGISTRATION)
  --rates             limit messages to one device: 240 a minute, 5000 an hour, a collapsible burst of 20
  --receipts          send delivery receipts
  --chunk MIN-MAX     cut all output into chunks of MIN to MAX bytes
  --keepalive MS      interval of the white-space keepalive on every connection (60000; 0: never)
  --devices FILE      JSON: {"TOKEN": {"state": "unregistered"}, …}, in the form of PUT /devices/{token}
  --directory PATH    where to keep the throw-away CA and certificate
  --cert PATH --key PATH --ca PATH   use your own certificate
  --history N         records kept in each history (200000; 0: none)
  --log KIND          quiet (one line when ready; refusals with their reasons on stderr), pretty (one line per event)
                      or wire (also the stanzas in both directions, truncated, without server keys) (quiet)
  --help              print this help

When ready, it prints one line:
  ready ccs=HOST:PORT control=URL ca=PATH
It ends on SIGTERM or SIGINT.
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
const SENDER = /^([^\s@/=]+)=(\S+)$/; // an id with an @ cannot log in

function senders(given: readonly string[] | undefined): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  const found = new Map<string, string>();
  for (const one of given) {
    const [, id, key] = SENDER.exec(one) ?? [];
    // Shows only the id: after the = there is a key.
    if (id === undefined || key === undefined)
      throw new UsageError(`--sender: expected ID=KEY, without white space, not "${one.split('=')[0] ?? ''}=…"`);
    if (found.has(id)) throw new UsageError(`--sender: ${id} is given twice`);
    found.set(id, key);
  }
  return Object.fromEntries(found);
}

function names(given: readonly string[] = []): readonly string[] {
  for (const one of given)
    if (!NAME.test(one)) throw new UsageError(`--control-name: expected NAME or NAME:PORT, not "${one}"`);
  return given;
}

const unreadable = (flag: string, path: string, error: unknown): UsageError =>
  new UsageError(`--${flag}: cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);

function devicesOf(path: string | undefined): unknown {
  if (path === undefined) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw unreadable('devices', path, error);
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
    throw new UsageError('--cert, --key and --ca must be given together');
  const paths = { cert, key, ca };
  for (const [flag, path] of Object.entries(paths)) checkReadable(flag, path);
  return { certPath: cert, keyPath: key, caPath: ca };
}

function checkReadable(flag: string, path: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    throw unreadable(flag, path, error);
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

function addressesOf(flags: Flags): FcmEmulatorOptions {
  const port = (flag: 'port' | 'test-port' | 'control-port', value: string): number => whole(flag, value, PORT);
  return {
    host: nonEmpty('host', flags.host),
    controlHost: nonEmpty('control-host', flags['control-host']),
    controlNames: [...names(flags['control-name'])],
    port: port('port', flags.port),
    controlPort: port('control-port', flags['control-port']),
    testPort: flags['test-port'] === undefined ? undefined : port('test-port', flags['test-port']),
    directory: flags.directory === undefined ? undefined : nonEmpty('directory', flags.directory),
    tls: tlsOf(flags),
  };
}

export function readCommandLine(args: readonly string[]): Command {
  const flags = parse(args);
  const latency = range('latency', flags.latency, (part) => decimal('latency', part, MILLISECONDS));
  const options: FcmEmulatorOptions = {
    ...addressesOf(flags),
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
