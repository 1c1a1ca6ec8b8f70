import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmulatorControl } from '../../fcm-emulator/client.ts';

const ROOT = join(import.meta.dirname, '../..');
const READY = /^ready api=(\S+) pubsub=(\S+) firestore=(\S+) worker=(\S+) ccs=(\S+) key=(\S+)$/m;
const CONTROL_OFFSET = 1; // dev/stack/ports.ts: the CCS's remote control listens on the port after the CCS's

/** `npm start -- --quiet`: the whole relay as a newcomer runs it, in processes of its own. */
export class LocalStack {
  readonly api: string;
  readonly pubsubHost: string;
  readonly firestoreHost: string;
  readonly worker: string;
  readonly key: string;
  readonly ccs: EmulatorControl;
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    [, api = '', pubsub = '', firestore = '', worker = '', ccs = '', key = '']: readonly string[],
  ) {
    const [host = '', port = ''] = ccs.split(':');
    this.api = api;
    this.pubsubHost = pubsub;
    this.firestoreHost = firestore;
    this.worker = worker;
    this.key = key;
    this.ccs = new EmulatorControl(`http://${host}:${Number(port) + CONTROL_OFFSET}`);
    this.#child = child;
  }

  /** @throws Error with what it printed when it ends before it is ready */
  static async start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<LocalStack> {
    const child = spawn(process.execPath, ['dev/stack/start.ts', '--quiet', ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const ready = new Promise<RegExpExecArray>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          const match = READY.exec(output);
          if (match !== null) resolve(match);
        });
      }
      child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
    });
    return new LocalStack(child, await ready);
  }

  /** One call of the HTTPS API. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    authorization = `key=${this.key}`,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  }

  async workerPid(): Promise<number> {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'ppid=,pid=,args=']);
    const [, pid = ''] = new RegExp(`^ *${this.#child.pid} +(\\d+) .*worker/dist/index\\.js`, 'm').exec(stdout) ?? [];
    return Number(pid);
  }

  /** Ctrl-C. @returns the exit code */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGINT');
      await once(this.#child, 'exit');
    }
    return this.#child.exitCode;
  }
}
