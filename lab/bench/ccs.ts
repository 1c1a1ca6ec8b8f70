import { EmulatorControl, type Settings } from '../../fcm-emulator/client.ts';
import { startFcmEmulatorProcess, type FcmEmulatorProcess } from '../../dev/stack/fcm-emulator.ts';
import type { Processes } from '../../dev/stack/process/processes.ts';
import { CERTIFICATE_FOLDER } from '../../dev/stack/programs.ts';
import { SENDER } from './sender.ts';
import { TurnError } from './side-process.ts';

const PENDING_LIMIT = 100; // protocol §5

/** The FCM emulator for all turns of a run: its code is warm, its state is reset before each turn. */
export class Ccs {
  readonly port: number;
  readonly caPath: string;
  readonly control: EmulatorControl;

  private constructor({ port, controlUrl, caPath }: FcmEmulatorProcess) {
    this.port = port;
    this.control = new EmulatorControl(controlUrl);
    this.caPath = caPath;
  }

  static async start(processes: Processes): Promise<Ccs> {
    const settings = { senderId: SENDER.id, serverKey: SENDER.key, ports: { xmpp: 0, control: 0 } };
    const flags = ['--history', '0'];
    return new Ccs(
      await startFcmEmulatorProcess(processes, { ...settings, certificateFolder: CERTIFICATE_FOLDER, flags }),
    );
  }

  /** As if newly started. */
  async renew(settings: Partial<Settings> = {}): Promise<void> {
    await this.control.closeAll();
    await this.control.reset();
    await this.control.settings.change(settings);
  }

  /** @throws TurnError unless every message came once, was acked, and at most 100 were pending on a connection */
  async verify(messages: number): Promise<void> {
    const { downstream, connections } = await this.control.stats();
    const { received, accepted, acked, pastPendingLimit } = downstream;
    const wrong =
      [received, accepted, acked].some((count) => count !== messages) ||
      pastPendingLimit > 0 ||
      connections.highestPending > PENDING_LIMIT;
    if (wrong)
      throw new TurnError(
        `CCS should have received and acked ${messages} messages once, at most ${PENDING_LIMIT} pending: ` +
          JSON.stringify({ ...downstream, ...connections }),
      );
  }

  /** @throws TurnError unless every upstream message was sent once, and acked once on its connection */
  async verifyUpstream(messages: number): Promise<void> {
    const { upstream } = await this.control.stats();
    const { queued, sent, acked, ...others } = upstream;
    const wrong =
      [queued, sent, acked].some((count) => count !== messages) || Object.values(others).some((count) => count > 0);
    if (wrong)
      throw new TurnError(
        `CCS should have sent ${messages} messages and received one ack of each: ${JSON.stringify(upstream)}`,
      );
  }
}
