import { Ccs } from './ccs/ccs.ts';
import { systemClock, type Clock } from './ccs/clock.ts';
import { ControlServer } from './control/control-server.ts';
import { CcsControl } from './client.ts';
import { defaultDirectory, storedCertificates, type StoredCertificates } from './net/certificate-store.ts';
import { TlsServer } from './net/tls-server.ts';
import { optionsSchema, settingsSchema, type CcsEmulatorOptions, type ServerOptions } from './options.ts';
import { readFileSync } from 'node:fs';

export { CcsControl, ControlRefused, controlClient } from './client.ts';
export type { CcsEmulatorOptions } from './options.ts';

/** A running emulator. */
export interface CcsEmulator {
  readonly host: string;
  readonly port: number;
  readonly testPort: number | undefined;
  readonly controlPort: number;
  readonly controlUrl: string;
  readonly caPath: string;
  readonly control: CcsControl;
  /** Ends everything at once: connections, servers, timers. */
  close(): Promise<void>;
}

/** A port could not be had. */
export class PortTaken extends Error {
  readonly code = 'PORT_TAKEN';

  constructor(port: number, option: string, cause: unknown) {
    super(`port ${port} (option ${option}) cannot be listened on: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function certificatesOf({ tls, directory, host }: ServerOptions, now: number): StoredCertificates {
  if (tls === undefined) return storedCertificates(directory ?? defaultDirectory(), host, now);
  return { caPath: tls.caPath, certificate: readFileSync(tls.certPath, 'utf8'), key: readFileSync(tls.keyPath, 'utf8') };
}

function readOptions(input: CcsEmulatorOptions): { options: ServerOptions; settings: ReturnType<typeof settingsSchema.parse> } {
  const names = Object.keys(settingsSchema.shape);
  const [settings, rest]: [Record<string, unknown>, Record<string, unknown>] = [{ ...input.settings }, {}];
  for (const [name, value] of Object.entries(input)) (names.includes(name) ? settings : rest)[name] = value;
  return { options: optionsSchema.parse(rest), settings: settingsSchema.parse(settings) };
}

async function listen<T>(port: number, option: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw new PortTaken(port, option, error);
  }
}

/** Starts a CCS emulator in this process. Settings (latencyMs, pendingLimit …) may stand beside the options. */
export async function startCcsEmulator(input: CcsEmulatorOptions = {}, clock: Clock = systemClock): Promise<CcsEmulator> {
  const { options, settings } = readOptions(input);
  const { host, seed } = options;
  const certificates = certificatesOf(options, clock.now());
  const ccs = new Ccs(options, settings, clock);
  const tls = new TlsServer(ccs, certificates, seed);
  const http = new ControlServer(ccs, tls, Object.keys(options.senders)[0] ?? '');
  const close = async (): Promise<void> => {
    ccs.stop();
    await Promise.all([tls.close(), http.close()]);
  };
  try {
    const port = await listen(options.port, '--port', () => tls.listen(options.port, host));
    const testPort = options.testPort === undefined ? undefined : await listen(options.testPort, '--test-port', () => tls.listen(options.testPort ?? 0, host));
    const controlPort = await listen(options.controlPort, '--control-port', () => http.listen(options.controlPort, host));
    const controlUrl = `http://${host.includes(':') ? `[${host}]` : host}:${controlPort}`;
    return { host, port, testPort, controlPort, controlUrl, caPath: certificates.caPath, control: new CcsControl(controlUrl), close };
  } catch (error) {
    await close();
    throw error;
  }
}
