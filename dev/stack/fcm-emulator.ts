import { HOST } from './ports.ts';
import { StartError } from './process/running-process.ts';
import type { Processes } from './process/processes.ts';
import { PROGRAMS } from './programs.ts';

export interface FcmEmulatorSettings {
  readonly senderId: string;
  readonly serverKey: string;
  /** 0: any free port. */
  readonly ports: { readonly xmpp: number; readonly control: number };
  /** Where it keeps its throw-away certificate. */
  readonly certificateFolder: string;
  /** Further options of its command line. */
  readonly flags?: readonly string[];
}

/** A stand-in for FCM's XMPP endpoint, in a process of its own. */
export interface FcmEmulatorProcess {
  readonly port: number;
  /** `host:port` */
  readonly address: string;
  /** Remote control of devices and faults (`EmulatorControl`). */
  readonly controlUrl: string;
  readonly caPath: string;
}

export async function startFcmEmulatorProcess(
  processes: Processes,
  settings: FcmEmulatorSettings,
): Promise<FcmEmulatorProcess> {
  const { senderId, serverKey, ports, certificateFolder, flags = [] } = settings;
  const options = {
    '--host': HOST,
    '--port': ports.xmpp,
    '--control-port': ports.control,
    '--sender': `${senderId}=${serverKey}`,
    '--directory': certificateFolder,
  };
  const output = await processes.run({
    name: 'fcm emulator',
    args: [PROGRAMS.fcmEmulator, ...Object.entries(options).flat().map(String), ...flags],
    ready: /^ready ccs=.*\n/m,
    readyWithinMs: 20_000,
    graceMs: 2_000,
  });
  const [, address, port, controlUrl, caPath] = /^ready ccs=(\S+:(\d+)) control=(\S+) ca=(.+)$/m.exec(output) ?? [];
  if (address === undefined || controlUrl === undefined || caPath === undefined)
    throw new StartError(`cannot parse the ready line of the FCM emulator:\n${output}`);
  return { port: Number(port), address, controlUrl, caPath };
}
