import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { MARK, markOf } from './guardian.ts';

/**
 * The processes of one run (`npm start`, `npm test`), started together and ended together.
 *
 * `run` starts one and resolves when it says that it is ready. `died` resolves, once, when one ends that should not;
 * one with `restart` is started again instead. `stop` ends them all: those with a `graceMs` by SIGTERM, the youngest
 * first, everything else (grandchildren too) by the guardian, which does the same when this process is killed.
 */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Tells that it is ready: from what it has printed so far, or by asking it (until the signal gives up). */
  readonly ready: RegExp | ((signal: AbortSignal) => Promise<void>);
  /** Tells from the same that it never will be. */
  readonly hopeless?: RegExp;
  readonly readyWithinMs: number;
  /** How long it may take to end by itself on SIGTERM. Without it, it has nothing to finish and is killed. */
  readonly graceMs?: number;
  readonly restart?: Restart;
}

/** When it has been ready once and then ends, it is started again after 1, 2, 4 … s, as Cloud Run would. */
export interface Restart {
  /** But not after this exit code: what is wrong does not go away by itself. */
  readonly unlessCode: number;
  readonly say: (line: string) => void;
}

/** A part did not become ready; the message has the last lines that it printed and names its log. */
export class StartError extends Error {
  readonly code = 'START';
}

interface Started {
  readonly spec: ProcessSpec;
  readonly child: ChildProcess;
}

const OUTPUT_KEPT = 64_000; // characters; enough to see the ready line and to explain a failure
const TAIL_LINES = 12;
const LAST_WORDS_MS = 200; // an error comes in several pieces
const RESTART_CAP_MS = 60_000;
const LONG_LIFE_MS = 60_000; // after that an end counts as the first again

export class Processes {
  readonly logFolder: string;
  /** For generated files; gone when the run ends. */
  readonly folder: string;
  /** Resolves with the reason when a process has ended that `stop` did not end. */
  readonly died: Promise<string>;
  readonly #id = randomUUID();
  readonly #temporary = mkdtempSync(join(tmpdir(), 'fcmr-')); // short: the Firebase CLI puts Unix sockets here
  readonly #guardian: ChildProcess;
  readonly #started: Started[] = [];
  readonly #restarts = new Set<NodeJS.Timeout>();
  #reportDeath: (reason: string) => void = () => undefined;
  #stopping: Promise<void> | undefined;

  constructor(localFolder: string, name: string) {
    this.logFolder = newLogFolder(join(localFolder, 'logs', name), this.#id);
    this.folder = join(localFolder, 'runs', this.#id);
    mkdirSync(this.folder, { recursive: true });
    this.died = new Promise((resolve) => (this.#reportDeath = resolve));
    const guardian = join(import.meta.dirname, 'guardian.ts');
    this.#guardian = spawn(process.execPath, [guardian, this.#id, this.#temporary, this.folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
  }

  /** Resolves with what the process has printed until it was ready. Rejects with StartError. */
  async run(spec: ProcessSpec): Promise<string> {
    if (this.#stopping !== undefined) throw new StartError(`${spec.name} was not started: the run is ending`);
    const child = this.#spawn(spec);
    const output = await this.#becomesReady(spec, child);
    child.once('exit', this.#hasEnded(spec, 0));
    return output;
  }

  #spawn(spec: ProcessSpec): ChildProcess {
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd ?? this.folder,
      env: { ...process.env, ...spec.env, TMPDIR: this.#temporary, [MARK]: markOf(this.#id) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C in the terminal is for us; they are ended in order
    });
    this.#started.push({ spec, child });
    return child;
  }

  /** What an end of it leads to, from now on. @param ends how many came before, each soon after the other */
  #hasEnded(spec: ProcessSpec, ends: number): (code: number | null, signal: NodeJS.Signals | null) => void {
    const bornMs = performance.now();
    return (code, signal) => {
      if (this.#stopping !== undefined) return;
      const ended = `${spec.name} has ended (${howEnded(code, signal)})`;
      const { restart } = spec;
      if (restart === undefined || code === restart.unlessCode) {
        this.#reportDeath(`${ended}; its log: ${this.#log(spec)}`);
        return;
      }
      const before = performance.now() - bornMs < LONG_LIFE_MS ? ends : 0;
      const delayMs = Math.min(1_000 * 2 ** before, RESTART_CAP_MS);
      restart.say(`${ended}; it is started again in ${delayMs / 1_000} s`);
      const timer = setTimeout(() => {
        this.#restarts.delete(timer);
        this.#startAgain(spec, before + 1);
      }, delayMs);
      this.#restarts.add(timer);
    };
  }

  #startAgain(spec: ProcessSpec, ends: number): void {
    const child = this.#spawn(spec);
    const log = createWriteStream(this.#log(spec), { flags: 'a' });
    for (const stream of [child.stdout, child.stderr]) stream?.pipe(log, { end: false });
    child.once('close', () => log.end());
    child.once('exit', this.#hasEnded(spec, ends));
    child.once('error', (error) => this.#reportDeath(`${spec.name} could not be run: ${error.message}`));
  }

  async #becomesReady(spec: ProcessSpec, child: ChildProcess): Promise<string> {
    const { ready, hopeless } = spec;
    const log = createWriteStream(this.#log(spec));
    child.once('close', () => log.end());
    let output = '';
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), spec.readyWithinMs);
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new StartError(this.#failure(spec, why, output)));
      const onText = (text: string) => {
        log.write(text);
        output = (output + stripVTControlCharacters(text)).slice(-OUTPUT_KEPT);
        if (hopeless?.test(output) === true) setTimeout(() => fail('reported an error'), LAST_WORDS_MS);
        else if (ready instanceof RegExp && ready.test(output)) resolve();
      };
      for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onText);
      child.once('error', (error) => fail(`could not be run: ${error.message}`));
      child.once('exit', (code, signal) => setImmediate(() => fail(`ended at once (${howEnded(code, signal)})`)));
      const late = `was not ready within ${spec.readyWithinMs / 1000} s`;
      if (ready instanceof RegExp) giveUp.signal.addEventListener('abort', () => fail(late));
      else
        ready(giveUp.signal).then(resolve, (error: unknown) =>
          fail(`${late}: ${error instanceof Error ? error.message : String(error)}`),
        );
    }).finally(() => {
      clearTimeout(timer);
      giveUp.abort();
    });
    return output;
  }

  /** With what was printed from the error on, or else last. */
  #failure(spec: ProcessSpec, why: string, output: string): string {
    const error = spec.hopeless?.exec(output);
    const lines = output
      .slice(error?.index)
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '');
    const told = error ? lines.slice(0, TAIL_LINES) : lines.slice(-TAIL_LINES);
    return [`${spec.name} ${why}`, ...told.map((line) => `  | ${line}`), `  its log: ${this.#log(spec)}`].join('\n');
  }

  #log = (spec: ProcessSpec): string => join(this.logFolder, `${spec.name.replaceAll(' ', '-')}.log`);

  /** Ends every process of the run. Never rejects; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    for (const timer of this.#restarts) clearTimeout(timer);
    for (const { spec, child } of this.#started.toReversed()) {
      if (spec.graceMs !== undefined) await ended(child, spec.graceMs);
    }
    const gone = once(this.#guardian, 'exit');
    this.#guardian.stdin?.end();
    await gone;
  }
}

const howEnded = (code: number | null, signal: NodeJS.Signals | null): string => signal ?? `exit code ${code ?? '?'}`;

const LOGS_KEPT = 10;

/** One a run, since two may run at once; the oldest go. */
function newLogFolder(parent: string, id: string): string {
  mkdirSync(parent, { recursive: true });
  for (const old of readdirSync(parent).sort().slice(0, -LOGS_KEPT))
    rmSync(join(parent, old), { recursive: true, force: true });
  const folder = join(parent, `${new Date().toISOString().slice(0, 19).replaceAll(':', '.')}-${id.slice(0, 8)}`);
  mkdirSync(folder);
  return folder;
}

async function ended(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), graceMs);
  child.kill('SIGTERM');
  await once(child, 'exit', { signal: limit.signal }).catch(() => undefined); // too slow: the guardian's
  clearTimeout(timer);
}
