import { readFileSync } from 'node:fs';
import { Backend } from './backend.ts';
import { Ccs } from './ccs/ccs.ts';
import { connectionRoutes } from './ccs/routes/connection-routes.ts';
import { upstreamRoutes } from './ccs/routes/upstream-routes.ts';
import { TlsServer } from './ccs/tls/tls-server.ts';
import { defaultDirectory, storedCertificates, type StoredCertificates } from './certificate/certificate-store.ts';
import { EmulatorControl } from './client.ts';
import { ControlServer } from './control/control-server.ts';
import { deviceRoutes } from './control/device-routes.ts';
import { messageRoutes } from './control/message-routes.ts';
import type { Route } from './control/route.ts';
import { ruleRoutes } from './control/rule-routes.ts';
import { openApiRoute, serverRoutes } from './control/server-routes.ts';
import type { TimedEvent } from './history/events.ts';
import { readOptions, type FcmEmulatorOptions, type ServerOptions } from './options.ts';
import { systemClock, type Clock } from './time/clock.ts';

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
  /** Reports everything that happens, as GET /events does. The result ends it. */
  listen(listener: (event: TimedEvent) => void): () => void;
  /** Reports refused logins and stream errors only. */
  listenToRefusals(listener: (event: TimedEvent) => void): () => void;
  /** Ends everything at once: connections, servers, timers. */
  close(): Promise<void>;
}

/** An address to listen on, and the options that set it. */
interface Endpoint {
  readonly port: number;
  readonly host: string;
  readonly options: readonly [port: string, host: string];
}

const CONTROL = ['--control-port', '--control-host'] as const;
const BAD_ADDRESS = new Set(['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL']);

/** A port is taken, or the address is not this machine's. */
export class PortTaken extends Error {
  readonly code = 'PORT_TAKEN';

  constructor({ port, host, options: [portOption, hostOption] }: Endpoint, cause: unknown) {
    const { code = '', message }: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error(String(cause));
    const byAddress = BAD_ADDRESS.has(code);
    const what = byAddress ? `address ${host} (option ${hostOption})` : `port ${port} (option ${portOption})`;
    super(`cannot listen on ${what}: ${message}`, { cause });
  }
}

async function listen<T>(endpoint: Endpoint, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw new PortTaken(endpoint, error);
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

/** The control API: what all wires share, then what CCS adds. */
function routesOf(backend: Backend, ccs: Ccs, { tls, sender }: { tls: TlsServer; sender: string }): readonly Route[] {
  const { history, faults, clock } = backend;
  const routes = [
    ...serverRoutes(backend, () => ({
      connections: ccs.sessions.counters,
      upstream: ccs.upstreamRecords.counters,
    })),
    ...deviceRoutes(backend),
    ...messageRoutes(history),
    ...upstreamRoutes(ccs, sender),
    ...ruleRoutes(faults, () => clock.now()),
    ...connectionRoutes(ccs, tls),
  ];
  return [...routes, openApiRoute(routes)];
}

/** Starts an FCM emulator in this process. Settings (latencyMs, pendingLimit …) may stand beside the options. */
export async function startFcmEmulator(
  input: FcmEmulatorOptions = {},
  clock: Clock = systemClock,
): Promise<FcmEmulator> {
  const { options, settings } = readOptions(input);
  const { host, controlHost, heartbeatMs } = options;
  const certificates = certificatesOf(options, clock.now());
  const backend = new Backend(options, settings, clock);
  const ccs = new Ccs(backend, options);
  const tls = new TlsServer(ccs, backend, { certificates, wire: options.wire });
  const { events, schedule } = backend;
  const sender = Object.keys(options.senders)[0] ?? '';
  const http = new ControlServer(routesOf(backend, ccs, { tls, sender }), { events, schedule, heartbeatMs });
  const close = async (): Promise<void> => {
    backend.stop();
    await Promise.all([tls.close(), http.close()]);
  };
  try {
    const open = (port: number, name: string): Promise<number> =>
      listen({ port, host, options: [name, '--host'] }, () => tls.listen(port, host));
    const port = await open(options.port, '--port');
    const testPort = options.testPort === undefined ? undefined : await open(options.testPort, '--test-port');
    const control = { port: options.controlPort, host: controlHost };
    const controlPort = await listen({ ...control, options: CONTROL }, () =>
      http.listen(control, options.controlNames),
    );
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
      listen: (listener) => events.listen(listener),
      listenToRefusals: (listener) => events.listenToRefusals(listener),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
