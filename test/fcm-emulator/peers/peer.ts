import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { PeerSpec } from './peers.ts';

export type Report = Record<string, unknown>;

const DEADLINE_MS = 20_000;
const POLL_MS = 20;

/** Polls until `look` finds something. */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
  what: () => string,
): Promise<T> {
  for (
    const end = Date.now() + DEADLINE_MS;
    Date.now() < end;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  ) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(what());
}

/** A third-party client, in a process of its own. */
export class Peer {
  readonly #process: ChildProcess;
  readonly #reports: Report[] = [];
  #errors = '';

  constructor({ command }: PeerSpec, emulator: { readonly port: number; readonly caPath: string }, key = 'server-key') {
    const [program, ...args] = command();
    const { port, caPath } = emulator;
    this.#process = spawn(program, [...args, String(port), '1234567890', key, caPath], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_EXTRA_CA_CERTS: caPath },
    });
    createInterface({ input: this.#process.stdout! }).on('line', (line) =>
      this.#reports.push(JSON.parse(line) as Report),
    );
    this.#process.stderr!.on('data', (text: Buffer) => void (this.#errors += text.toString()));
    this.#process.stdin!.on('error', () => undefined); // the process may have ended by itself
  }

  command(line: string): void {
    this.#process.stdin!.write(`${line}\n`);
  }

  /** Waits for a report with these fields. */
  report(fields: Report): Promise<Report> {
    return eventually(
      () => this.#reports.find((report) => Object.entries(fields).every(([name, value]) => report[name] === value)),
      () => `no report ${JSON.stringify(fields)} among ${JSON.stringify(this.#reports)}; ${this.#errors}`,
    );
  }

  async quit(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await gone;
  }
}
