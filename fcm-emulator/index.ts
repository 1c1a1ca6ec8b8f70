import { Ccs } from './ccs/ccs.ts';
import { systemClock, type Clock } from './time/clock.ts';
import type { TimedEvent } from './devices/events.ts';
import { ControlServer } from './control/control-server.ts';
import { EmulatorControl } from './client.ts';
import { defaultDirectory, storedCertificates, type StoredCertificates } from './net/certificate-store.ts';
import { TlsServer } from './net/tls-server.ts';
import { optionsSchema, settingsSchema, type FcmEmulatorOptions, type ServerOptions } from './options.ts';
import { readFileSync } from 'node:fs';

export { ControlRefused, EmulatorControl } from './client.ts';
export type { FcmEmulatorOptions } from './options.ts';

/** A running emulator. */
export interface FcmEmulator {
  readonly host: string;
  readonly port: number;
  readonly testPort: number | undefined;
  readonly controlPort: number;
  readonly controlUrl: string;
  readonly caPath: string;
  readonly control: EmulatorControl;
  /** Tells of everything that happens, as GET /events does; the result ends it. */
  listen(listener: (event: TimedEvent) => void): () => void;
  /** Tells of refused logins and stream errors alone. */
  listenToRefusals(listener: (event: TimedEvent) => void): () => void;
  /** Ends everything at once: connections, servers, timers. */
  close(): Promise<void>;
}

/** Where something wants to listen, and the options that say so: the port's, the address's. */
interface Place {
  readonly port: number;
  readonly host: string;
  readonly options: readonly [port: string, host: string];
}

const CONTROL = ['--control-port', '--control-host'] as const;
const BAD_ADDRESS = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']);

/** A port could not be had, or the address is not one of this machine. */
export class PortTaken extends Error {
  readonly code = 'PORT_TAKEN';

  constructor({ port, host, options: [portOption, hostOption] }: Place, cause: unknown) {
    const { code = '', message }: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error(String(cause));
    const byAddress = BAD_ADDRESS.has(code);
    const what = byAddress ? `address ${host} (option ${hostOption})` : `port ${port} (option ${portOption})`;
    super(`${what} cannot be listened on: ${message}`, { cause });
  }
}

function certificatesOf({ tls, directory, host }: ServerOptions, now: number): StoredCertificates {
  if (tls === undefined) return storedCertificates(directory ?? defaultDirectory(), host, now);
  return {
    caPath: tls.caPath,
    certificate: readFileSync(tls.certPath, 'utf8'),
    key: readFileSync(tls.keyPath, 'utf8'),
  };
}

function readOptions(input: FcmEmulatorOptions): {
  options: ServerOptions;
  settings: ReturnType<typeof settingsSchema.parse>;
} {
  const names = Object.keys(settingsSchema.shape);
  const [settings, rest]: [Record<string, unknown>, Record<string, unknown>] = [{ ...input.settings }, {}];
  for (const [name, value] of Object.entries(input)) (names.includes(name) ? settings : rest)[name] = value;
  return { options: optionsSchema.parse(rest), settings: settingsSchema.parse(settings) };
}

async function listen<T>(place: Place, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw new PortTaken(place, error);
  }
}

/** Starts a CCS emulator in this process. Settings (latencyMs, pendingLimit …) may stand beside the options. */
export async function startFcmEmulator(
  input: FcmEmulatorOptions = {},
  clock: Clock = systemClock,
): Promise<FcmEmulator> {
  const { options, settings } = readOptions(input);
  const { host, seed, controlHost } = options;
  const certificates = certificatesOf(options, clock.now());
  const ccs = new Ccs(options, settings, clock);
  const tls = new TlsServer(ccs, certificates, { seed, wire: options.wire });
  const http = new ControlServer(ccs, tls, Object.keys(options.senders)[0] ?? '');
  const close = async (): Promise<void> => {
    ccs.stop();
    await Promise.all([tls.close(), http.close()]);
  };
  try {
    const open = (port: number, name: string): Promise<number> =>
      listen({ port, host, options: [name, '--host'] }, () => tls.listen(port, host));
    const port = await open(options.port, '--port');
    const testPort = options.testPort === undefined ? undefined : await open(options.testPort, '--test-port');
    const where = { port: options.controlPort, host: controlHost };
    const controlPort = await listen({ ...where, options: CONTROL }, () => http.listen(where, options.controlNames));
    const controlUrl = `http://${controlHost.includes(':') ? `[${controlHost}]` : controlHost}:${controlPort}`;
    return {
      host,
      port,
      testPort,
      controlPort,
      controlUrl,
      close,
      caPath: certificates.caPath,
      control: new EmulatorControl(controlUrl),
      listen: (listener) => ccs.events.listen(listener),
      listenToRefusals: (listener) => ccs.events.listenToRefusals(listener),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
