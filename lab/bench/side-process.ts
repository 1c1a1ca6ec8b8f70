import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RunningProcess } from '../../dev/stack/process/running-process.ts';
import type { Usage } from './meter.ts';

export interface SideSpec {
  /** For messages and for the file name of a profile. */
  readonly name: string;
  /** TypeScript or JavaScript. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where to write a `.cpuprofile`; without it, there is none. */
  readonly profileFolder?: string | undefined;
}

/** A turn did not do its work. The message says what is wrong, with the last output of its process. */
export class TurnError extends Error {
  readonly code = 'TURN';
}

const METER = pathToFileURL(join(import.meta.dirname, 'meter.ts')).href;
const PATIENCE_MS = 180_000; // for one message from a side; the longest turn takes a minute
const GRACE_MS = 15_000; // a profile of a minute takes seconds to write

interface Said {
  readonly kind: string;
}

/** The process of one turn, with a CPU meter (meter.ts). It reports by IPC, in objects with a `kind`. */
export class SideProcess {
  readonly #process: RunningProcess;
  readonly #said: Said[] = [];
  readonly #waiting = new Set<() => void>();

  constructor({ name, program, env, profileFolder }: SideSpec) {
    const profile =
      profileFolder === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
    const args = ['--import', METER, '--disable-warning=ExperimentalWarning', ...profile, program];
    this.#process = new RunningProcess({ name, args, env }, { ipc: true });
    this.#process.onOutput(() => this.#changed());
    this.#process.onMessage((message) => {
      this.#said.push(message as Said);
      this.#changed();
    });
    void this.#process.closed.then(() => this.#changed());
  }

  /** The last 64 000 characters that it printed. */
  get output(): string {
    return this.#process.output;
  }

  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  /** The next message of this kind. @throws TurnError if the process ends before it, or takes too long */
  async said<T extends Said>(kind: T['kind']): Promise<T> {
    const found = await this.until(() => {
      const at = this.#said.findIndex((said) => said.kind === kind);
      return at < 0 ? undefined : this.#said.splice(at, 1)[0];
    }, `"${kind}"`);
    return found as T;
  }

  /** The first group of the first match in its output. */
  printed(pattern: RegExp): Promise<string> {
    return this.until(() => pattern.exec(this.output)?.[1], String(pattern));
  }

  /** What the process has used since its start. */
  async usage(): Promise<Usage> {
    this.#process.send('usage');
    return this.said<Usage>('usage');
  }

  /** SIGTERM, unless it ends by itself. @throws TurnError unless it exits with 0 */
  async end(signal: 'SIGTERM' | 'by itself'): Promise<void> {
    const limit = AbortSignal.timeout(GRACE_MS);
    limit.addEventListener('abort', () => this.kill());
    if (signal === 'SIGTERM') this.#process.signal(signal);
    await this.#process.exited;
    if (this.#process.exitCode !== 0) throw this.#failure('did not end well');
  }

  kill(): void {
    this.#process.signal('SIGKILL');
  }

  /** What `look` finds, now or after a change. @throws TurnError like `said` */
  async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    late.addEventListener('abort', () => this.#changed());
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.hasEnded) throw this.#failure(`ended before it said ${what}`);
      if (late.aborted) throw this.#failure(`did not say ${what} within ${PATIENCE_MS / 1_000} s`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #changed(): void {
    for (const look of this.#waiting) look();
    this.#waiting.clear();
  }

  #failure(why: string): TurnError {
    const { spec, howEnded, hasEnded, output } = this.#process;
    return new TurnError(`${spec.name} ${why} (${hasEnded ? howEnded : 'still running'})\n${output.trimEnd()}`);
  }
}
