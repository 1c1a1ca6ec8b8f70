import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

export interface ProcessSpec {
  /** For messages and for the name of the log file. */
  readonly name: string;
  /** Node.js by default. */
  readonly command?: string;
  readonly args: readonly string[];
  /** In addition to our own environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** How to tell that a process is up. */
export interface Readiness {
  /** Matched against its output so far, or a probe that runs until the signal aborts. */
  readonly ready: RegExp | ((signal: AbortSignal) => Promise<void>);
  /** Matched against the same output: the process will never be ready. */
  readonly hopeless?: RegExp;
  readonly readyWithinMs: number;
}

export interface SpawnOptions {
  /** Everything it prints is appended here. */
  readonly logFile?: string;
  /** A process group of its own: Ctrl-C in the terminal does not reach it. */
  readonly detached?: boolean;
  /** Opens a channel for `send` and `onMessage`. */
  readonly ipc?: boolean;
}

/** A process did not become ready. The message has its last lines and names its log. */
export class StartError extends Error {
  readonly code = 'START';
}

const OUTPUT_KEPT = 64_000; // characters; enough for the ready line and to explain a failure
const TAIL_LINES = 12;
const LAST_WORDS_MS = 200; // an error may be printed in several chunks

/** A child process: what it prints, whether it is up, and how it ends. */
export class RunningProcess {
  readonly spec: ProcessSpec;
  readonly logFile: string | undefined;
  /** The last 64 000 characters that it printed, without colours. */
  output = '';
  /** Resolves when the process has ended, or could not be started. */
  readonly exited: Promise<void>;
  /** Like `exited`, but everything it wrote has been read as well. */
  readonly closed: Promise<void>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();

  constructor(spec: ProcessSpec, { logFile, detached = false, ipc = false }: SpawnOptions = {}) {
    this.spec = spec;
    this.logFile = logFile;
    this.#child = spawn(spec.command ?? process.execPath, spec.args, {
      cwd: spec.cwd,
      env: { ...process.env, ...spec.env },
      stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
      detached,
    });
    this.#child.on('error', (error) => (this.output += error.message)); // it could not be run
    this.exited = this.#whenEnded('exit');
    this.closed = this.#whenEnded('close');
    const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
    this.#child.once('close', () => log?.end());
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log?.write(text);
        this.output = (this.output + stripVTControlCharacters(text)).slice(-OUTPUT_KEPT);
        for (const listener of this.#listeners) listener();
      });
    }
  }

  /** @returns its output so far. @throws StartError when it ends, reports an error or takes too long */
  async becomesReady({ ready, hopeless, readyWithinMs }: Readiness): Promise<string> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), readyWithinMs);
    let stopListening = (): void => undefined;
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => reject(this.#startError(why, hopeless));
      const check = (): void => {
        if (hopeless?.test(this.output) === true) setTimeout(() => fail('reported an error'), LAST_WORDS_MS);
        else if (ready instanceof RegExp && ready.test(this.output)) resolve();
      };
      stopListening = this.onOutput(check);
      check();
      void this.exited.then(() => setImmediate(() => fail(`ended at once (${this.howEnded})`)));
      const late = `was not ready within ${readyWithinMs / 1_000} s`;
      if (ready instanceof RegExp) giveUp.signal.addEventListener('abort', () => fail(late));
      else
        ready(giveUp.signal).then(resolve, (error: unknown) =>
          fail(`${late}: ${error instanceof Error ? error.message : String(error)}`),
        );
    }).finally(() => {
      clearTimeout(timer);
      stopListening();
      giveUp.abort();
    });
    return this.output;
  }

  /** Called after each change of `output`. @returns how to stop listening */
  onOutput(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Each line of standard output and standard error. */
  onLine(listener: (line: string) => void): void {
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', listener);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  send(message: string): void {
    this.#child.send(message);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** `null` while it runs, or if a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  get hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** `SIGKILL`, `exit code 3`. */
  get howEnded(): string {
    return this.#child.pid === undefined
      ? 'not started'
      : (this.#child.signalCode ?? `exit code ${this.#child.exitCode ?? '?'}`);
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.#child.kill(signal);
  }

  /** SIGTERM. @returns how long the process took to end, or the limit if it has not ended within it */
  async stop(limitMs?: number): Promise<number> {
    if (this.hasEnded) return 0;
    const startMs = performance.now();
    const signal = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
    const exit = once(this.#child, 'exit', { signal }).catch(() => undefined);
    this.signal('SIGTERM');
    await exit;
    return performance.now() - startMs;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  async #whenEnded(event: 'exit' | 'close'): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#child.once(event, () => resolve());
      this.#child.once('error', () => this.#child.pid === undefined && resolve());
    });
  }

  /** Quotes the output from the error on, or else its last lines. */
  #startError(why: string, hopeless: RegExp | undefined): StartError {
    const error = hopeless?.exec(this.output);
    const lines = this.output
      .slice(error?.index)
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '');
    const quoted = error ? lines.slice(0, TAIL_LINES) : lines.slice(-TAIL_LINES);
    const log = this.logFile === undefined ? [] : [`  its log: ${this.logFile}`];
    return new StartError([`${this.spec.name} ${why}`, ...quoted.map((line) => `  | ${line}`), ...log].join('\n'));
  }
}
