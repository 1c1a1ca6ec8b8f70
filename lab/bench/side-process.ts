import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Usage } from './meter.ts';

export interface SideSpec {
  /** For messages and for the file name of a profile. */
  readonly name: string;
  /** TypeScript or JavaScript. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where to leave a `.cpuprofile`; absent: none is made. */
  readonly profileFolder?: string | undefined;
}

/** A turn did not do what it should; the message says what, with the last words of its process. */
export class TurnError extends Error {
  readonly code = 'TURN';
}

const METER = pathToFileURL(join(import.meta.dirname, 'meter.ts')).href;
const OUTPUT_KEPT = 16_000; // characters: enough for a worker's first lines and for a stack
const PATIENCE_MS = 180_000; // for one word of a side; the longest turn of all takes a minute
const GRACE_MS = 15_000; // a profile of a minute takes seconds to write

interface Said {
  readonly kind: string;
}

/** The process of one turn. What it says comes by IPC, one object with a `kind` each. */
export class SideProcess {
  /** What it has printed. */
  output = '';
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #said: Said[] = [];
  readonly #waiting = new Set<() => void>();

  constructor({ name, program, env, profileFolder }: SideSpec) {
    this.#name = name;
    const profile =
      profileFolder === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
    this.#child = fork(program, [], {
      execArgv: ['--import', METER, '--disable-warning=ExperimentalWarning', ...profile],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-OUTPUT_KEPT);
        this.#changed();
      });
    }
    this.#child.on('message', (message) => {
      this.#said.push(message as Said);
      this.#changed();
    });
    this.#child.on('close', () => this.#changed());
    this.#child.on('error', (error) => (this.output += error.message));
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The next message of this kind. @throws TurnError when the process ends before it, or takes too long */
  async said<T extends Said>(kind: T['kind']): Promise<T> {
    const found = await this.until(() => {
      const at = this.#said.findIndex((said) => said.kind === kind);
      return at < 0 ? undefined : this.#said.splice(at, 1)[0];
    }, `"${kind}"`);
    return found as T;
  }

  /** What the first match of a pattern in its output has in its first group. */
  printed(pattern: RegExp): Promise<string> {
    return this.until(() => pattern.exec(this.output)?.[1], String(pattern));
  }

  /** What the process has used since its start. */
  async usage(): Promise<Usage> {
    this.#child.send('usage');
    return this.said<Usage>('usage');
  }

  /** SIGTERM, unless it ends by itself. @throws TurnError when it does not end well */
  async end(signal: 'SIGTERM' | 'by itself'): Promise<void> {
    const limit = AbortSignal.timeout(GRACE_MS);
    if (!this.hasEnded) {
      const exit = once(this.#child, 'exit', { signal: limit });
      if (signal === 'SIGTERM') this.#child.kill(signal);
      await exit.catch(() => this.kill());
    }
    if (this.#child.exitCode !== 0) throw this.#failure('did not end well');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** What `look` finds, at once or after any change. @throws TurnError as `said` */
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
    const { exitCode, signalCode } = this.#child;
    return new TurnError(`${this.#name} ${why} (exit ${signalCode ?? exitCode ?? 'none'})\n${this.output.trimEnd()}`);
  }
}
