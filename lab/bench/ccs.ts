import { join } from 'node:path';
import { EmulatorControl, type Settings } from '../../fcm-emulator/client.ts';
import { HOST } from '../../dev/stack/ports.ts';
import type { Processes } from '../../dev/stack/processes.ts';
import { SENDER } from './sender.ts';
import { TurnError } from './side-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const PENDING_LIMIT = 100; // protocol §5

/** The CCS emulator in a process of its own, for all turns of a run: its code is warm, its state new for each turn. */
export class Ccs {
  readonly port: number;
  readonly caPath: string;
  readonly control: EmulatorControl;

  private constructor(port: number, controlUrl: string, caPath: string) {
    this.port = port;
    this.control = new EmulatorControl(controlUrl);
    this.caPath = caPath;
  }

  static async start(processes: Processes): Promise<Ccs> {
    const output = await processes.run({
      name: 'ccs emulator',
      command: process.execPath,
      args: [
        join(ROOT, 'fcm-emulator/main.ts'),
        '--host',
        HOST,
        '--port',
        '0',
        '--control-port',
        '0',
        '--history',
        '0',
        '--sender',
        `${SENDER.id}=${SENDER.key}`,
        '--directory',
        join(ROOT, '.local/fcm-emulator'),
      ],
      ready: /^ready ccs=.*\n/m,
      readyWithinMs: 20_000,
    });
    const [, port, controlUrl, ca] = /^ready ccs=\S+:(\d+) control=(\S+) ca=(.+)$/m.exec(output) ?? [];
    if (port === undefined || controlUrl === undefined || ca === undefined)
      throw new Error(`the CCS emulator's ready line is not understood:\n${output}`);
    return new Ccs(Number(port), controlUrl, ca);
  }

  /** As if newly started. */
  async renew(settings: Partial<Settings> = {}): Promise<void> {
    await this.control.closeAll();
    await this.control.reset();
    await this.control.settings.change(settings);
  }

  /**
   * Every message came once, was acked, and never more than 100 were pending. @throws TurnError when it is otherwise
   */
  async verify(messages: number): Promise<void> {
    const { downstream, connections } = await this.control.stats();
    const { received, accepted, acked, pastPendingLimit } = downstream;
    const wrong =
      [received, accepted, acked].some((count) => count !== messages) ||
      pastPendingLimit > 0 ||
      connections.highestPending > PENDING_LIMIT;
    if (wrong)
      throw new TurnError(
        `CCS should have got and acked ${messages} messages once, with at most ${PENDING_LIMIT} pending: ${JSON.stringify({ ...downstream, ...connections })}`,
      );
  }

  /**
   * Every message of a device was sent once, and acked once on its connection. @throws TurnError when it is otherwise
   */
  async verifyUpstream(messages: number): Promise<void> {
    const { upstream } = await this.control.stats();
    const { queued, sent, acked, ...others } = upstream;
    const wrong =
      [queued, sent, acked].some((count) => count !== messages) || Object.values(others).some((count) => count > 0);
    if (wrong)
      throw new TurnError(
        `CCS should have sent ${messages} messages and got an ack of each, once: ${JSON.stringify(upstream)}`,
      );
  }
}
