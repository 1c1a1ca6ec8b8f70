import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { MARK } from '../../dev/stack/guardian.ts';

export interface VictimSpec {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Printed when it serves. */
  readonly ready: RegExp;
  readonly logFile: string;
  /** The run's mark: its guardian ends what carries it, however the run ends. */
  readonly mark: string;
}

const READY_WITHIN_MS = 60_000; // under load, with both processors taken
const TAIL = 2_000;

/** One process of ours that is going to be killed, stopped or frozen. */
export class Victim {
  readonly spec: VictimSpec;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = '';

  private constructor(spec: VictimSpec) {
    this.spec = spec;
    this.#child = spawn(process.execPath, spec.args, {
      env: { ...process.env, ...spec.env, [MARK]: spec.mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#exited = once(this.#child, 'exit');
    const log = createWriteStream(spec.logFile);
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.pipe(log, { end: false });
    this.#child.once('close', () => log.end());
  }

  /** Resolves when it serves. @throws Error with its last words when it ends before, or is too slow */
  static async start(spec: VictimSpec): Promise<Victim> {
    const victim = new Victim(spec);
    await victim.#becomesReady();
    return victim;
  }

  /** @returns whether it had died before, by itself */
  async kill(): Promise<boolean> {
    const died = this.hasEnded;
    this.signal('SIGKILL');
    await this.#exited;
    return died;
  }

  /** SIGTERM. @returns how long its end took, in ms */
  async stop(): Promise<number> {
    const startMs = performance.now();
    this.signal('SIGTERM');
    await this.#exited;
    return Math.round(performance.now() - startMs);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.#child.kill(signal);
  }

  async #becomesReady(): Promise<void> {
    const { name, ready, logFile } = this.spec;
    const fail = (why: string): Error => new Error(`${name} ${why}; its log: ${logFile}\n${this.#output}`);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(fail(`was not ready within ${READY_WITHIN_MS / 1_000} s`)),
        READY_WITHIN_MS,
      );
      const onText = (text: Buffer): void => {
        this.#output = (this.#output + text.toString()).slice(-TAIL);
        if (ready.test(this.#output)) resolve();
      };
      for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', onText);
      this.#exited.then(() => reject(fail('ended at once')), reject);
      this.#becameReady = () => {
        clearTimeout(timer);
        for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.off('data', onText);
      };
    }).finally(() => this.#becameReady());
  }

  #becameReady: () => void = () => undefined;
}
