import { join } from 'node:path';
import { HOST, type Ports } from './ports.ts';
import { StartError, type Processes } from './processes.ts';
import type { StartOptions } from './start-options.ts';

/** The CCS that the worker connects to: our emulator, or one that runs already. */
export interface Ccs {
  /** `host:port` */
  readonly address: string;
  /** For the worker, on top of what `npm start` was given. */
  readonly env: NodeJS.ProcessEnv;
  /** Remote control of devices and faults; our emulator's only. */
  readonly controlUrl: string | undefined;
}

export async function startCcs(processes: Processes, root: string, ports: Ports, options: StartOptions): Promise<Ccs> {
  const { ccsUrl, senderId, serverKey } = options;
  if (ccsUrl !== undefined) return { address: ccsUrl.host, env: {}, controlUrl: undefined };
  const output = await processes.run({
    name: 'ccs emulator',
    command: process.execPath,
    args: [
      join(root, 'fcm-emulator/main.ts'),
      '--host',
      HOST,
      '--port',
      String(ports.ccs),
      '--control-port',
      String(ports.ccsControl),
      '--sender',
      `${senderId}=${serverKey}`,
      '--directory',
      join(processes.folder, 'ccs'),
    ],
    ready: /^ready ccs=.*\n/m,
    readyWithinMs: 20_000,
    graceMs: 2_000,
  });
  const [, address, controlUrl, ca] = /^ready ccs=(\S+) control=(\S+) ca=(.+)$/m.exec(output) ?? [];
  if (address === undefined || controlUrl === undefined)
    throw new StartError(`the CCS emulator's ready line is not understood:\n${output}`);
  return { address, env: { FCM_XMPP_URL: `xmpps://${address}`, NODE_EXTRA_CA_CERTS: ca }, controlUrl };
}
