import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EmulatorControl } from '../../fcm-emulator/client.ts';
import { HOST } from './ports.ts';
import { RunningProcess } from './process/running-process.ts';
import { PROGRAMS } from './programs.ts';
import { relayApi, type RelayApi } from './relay-api.ts';

const READY = /^ready api=(\S+) pubsub=(\S+) firestore=(\S+) worker=(\S+) ccs=(\S+) key=(\S+)$/m;
const CONTROL_OFFSET = 1; // ports.ts: the control port follows the XMPP port
const READY_WITHIN_MS = 240_000;

/** `npm start -- --quiet`: the whole stack as a newcomer runs it. */
export class StackProcess {
  readonly api: string;
  readonly pubsubHost: string;
  readonly firestoreHost: string;
  readonly worker: string;
  readonly ccs: EmulatorControl;
  /** One call of the HTTPS API. */
  readonly call: RelayApi['call'];
  readonly #process: RunningProcess;

  private constructor(running: RunningProcess, readyLine: readonly string[]) {
    const [, api = '', pubsub = '', firestore = '', worker = '', ccs = '', key = ''] = readyLine;
    this.api = api;
    this.pubsubHost = pubsub;
    this.firestoreHost = firestore;
    this.worker = worker;
    this.ccs = new EmulatorControl(`http://${HOST}:${Number(ccs.split(':')[1]) + CONTROL_OFFSET}`);
    this.call = relayApi(api, key).call;
    this.#process = running;
  }

  /** @throws StartError with what it printed, if it ends before it is ready */
  static async start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<StackProcess> {
    const running = new RunningProcess({ name: 'npm start', args: [PROGRAMS.start, '--quiet', ...args], env });
    const output = await running.becomesReady({ ready: READY, readyWithinMs: READY_WITHIN_MS });
    return new StackProcess(running, READY.exec(output) ?? []);
  }

  async workerPid(): Promise<number> {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'ppid=,pid=,args=']);
    const worker = new RegExp(`^ *${this.#process.pid ?? 0} +(\\d+) .*worker/dist/index\\.js`, 'm');
    return Number(worker.exec(stdout)?.[1] ?? '');
  }

  /** Ctrl-C. @returns the exit code */
  async stop(): Promise<number | null> {
    this.#process.signal('SIGINT');
    await this.#process.exited;
    return this.#process.exitCode;
  }
}
