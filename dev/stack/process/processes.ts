import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MARK, markOf, marked } from './guardian.ts';
import { RunningProcess, StartError, type ProcessSpec, type Readiness } from './running-process.ts';

/** A process that must stay up for as long as the run lasts. */
export interface PartSpec extends ProcessSpec, Readiness {
  /** How long it may take to end on SIGTERM. Without it, it has nothing to finish and is killed. */
  readonly graceMs?: number;
  readonly restart?: Restart;
}

/** A process that ends after it was ready is started again after 1, 2, 4 … s, as Cloud Run would. */
export interface Restart {
  /** This exit code is final: a restart would not cure it. */
  readonly unlessCode: number;
  readonly say: (line: string) => void;
}

const RESTART_CAP_MS = 60_000;
const LONG_LIFE_MS = 60_000; // after a life this long, the delays start over

/**
 * The processes of one run (`npm start`, `npm test`, chaos, bench).
 *
 * - `run` starts a part and resolves when it is ready. If a part ends that has no `restart`, `died` resolves.
 * - `launch` starts a process that its caller looks after: it may be killed and replaced at will.
 * - `stop` ends them all: the parts with a `graceMs` by SIGTERM, the youngest first; everything else, grandchildren
 *   included, is killed by the guardian, which does the same when this process is killed.
 */
export class Processes {
  readonly logFolder: string;
  /** For generated files; removed when the run ends. */
  readonly folder: string;
  /** Resolves with the reason when a part has ended that `stop` did not end. */
  readonly died: Promise<string>;
  readonly #id = randomUUID();
  readonly #temporary = mkdtempSync(join(tmpdir(), 'fcmr-')); // short: the Firebase CLI puts Unix sockets here
  readonly #guardian: ChildProcess;
  readonly #parts: { readonly spec: PartSpec; readonly process: RunningProcess }[] = [];
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

  /** @returns what the process printed until it was ready. @throws StartError */
  async run(spec: PartSpec): Promise<string> {
    if (this.#stopping !== undefined) throw new StartError(`${spec.name} was not started: the run is ending`);
    const started = this.#startPart(spec);
    const output = await started.becomesReady(spec);
    this.#watch(started, spec, 0);
    return output;
  }

  /** @param logName of the log file, without its ending */
  launch(spec: ProcessSpec, logName = spec.name.replaceAll(' ', '-')): RunningProcess {
    const env = { ...spec.env, TMPDIR: this.#temporary, [MARK]: markOf(this.#id) };
    return new RunningProcess(
      { ...spec, env, cwd: spec.cwd ?? this.folder },
      { logFile: join(this.logFolder, `${logName}.log`), detached: true }, // Ctrl-C is for us: they are ended in order
    );
  }

  /** The process ids of the run, grandchildren included. */
  pids(): readonly number[] {
    return marked(this.#id);
  }

  /** Ends every process of the run. Never rejects; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  #startPart(spec: PartSpec): RunningProcess {
    const started = this.launch(spec);
    this.#parts.push({ spec, process: started });
    return started;
  }

  /** Decides what the end of the process leads to. @param ends how many came before, in quick succession */
  #watch(started: RunningProcess, spec: PartSpec, ends: number): void {
    const bornMs = performance.now();
    void started.exited.then(() => {
      if (this.#stopping !== undefined) return;
      const ended = `${spec.name} has ended (${started.howEnded})`;
      const { restart } = spec;
      if (restart === undefined || started.exitCode === restart.unlessCode || started.pid === undefined) {
        this.#reportDeath(`${ended}; its log: ${started.logFile ?? ''}`);
        return;
      }
      const before = performance.now() - bornMs < LONG_LIFE_MS ? ends : 0;
      const delayMs = Math.min(1_000 * 2 ** before, RESTART_CAP_MS);
      restart.say(`${ended}; restarting in ${delayMs / 1_000} s`);
      const timer = setTimeout(() => {
        this.#restarts.delete(timer);
        this.#watch(this.#startPart(spec), spec, before + 1);
      }, delayMs);
      this.#restarts.add(timer);
    });
  }

  async #end(): Promise<void> {
    for (const timer of this.#restarts) clearTimeout(timer);
    for (const { spec, process: started } of this.#parts.toReversed())
      if (spec.graceMs !== undefined) await started.stop(spec.graceMs); // too slow: the guardian kills it
    const gone = once(this.#guardian, 'exit');
    this.#guardian.stdin?.end();
    await gone;
  }
}

const LOGS_KEPT = 10;

/** One for each run, since two may run at once. Deletes the oldest. */
function newLogFolder(parent: string, id: string): string {
  mkdirSync(parent, { recursive: true });
  for (const old of readdirSync(parent).sort().slice(0, -LOGS_KEPT))
    rmSync(join(parent, old), { recursive: true, force: true });
  const folder = join(parent, `${new Date().toISOString().slice(0, 19).replaceAll(':', '.')}-${id.slice(0, 8)}`);
  mkdirSync(folder);
  return folder;
}
