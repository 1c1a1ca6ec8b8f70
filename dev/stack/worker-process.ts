import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './until.ts';

const WORKER = join(import.meta.dirname, '../../worker/dist/index.js');

/** One log line of the worker. */
export interface LogLine {
  readonly severity: string;
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** `node worker/dist/index.js`, as production runs it. */
export class WorkerProcess {
  readonly lines: LogLine[] = [];
  /** Everything that it wrote, for what is not a log line. */
  output = '';
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [WORKER], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exited = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#read(line));
    }
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  get baseUrl(): string {
    const port = this.said('worker.started')[0]?.['port'];
    return `http://127.0.0.1:${String(port)}`;
  }

  /** The lines of an event (worker/observe/log-events.ts). */
  said(event: string): LogLine[] {
    return this.lines.filter((line) => line.event === event);
  }

  /** Resolves when a connection to CCS is open. */
  async ready(withinMs = 30_000): Promise<void> {
    await until(() => this.said('connection.opened').length > 0 || this.exitCode !== null, {
      withinMs,
      what: () => `the worker is not ready: ${this.output}`,
    });
    if (this.exitCode !== null) throw new Error(`the worker ended: ${this.output}`);
  }

  /** One metric's sample, e.g. `relay_sends_total{repeat="true"}`; 0 when it is not there. */
  async metric(sample: string): Promise<number> {
    return this.total(`${sample} `);
  }

  /** All samples that begin so, together: `relay_settled_total{state="acked"` of both lanes. */
  async total(beginning: string): Promise<number> {
    const text = await (await fetch(`${this.baseUrl}/metrics`)).text();
    const samples = text.split('\n').filter((row) => row.startsWith(beginning));
    return samples.reduce((sum, row) => sum + Number(row.slice(row.lastIndexOf(' ') + 1)), 0);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, and how long the end took. */
  async stop(): Promise<{ code: number | null; tookMs: number }> {
    const startMs = performance.now();
    this.signal('SIGTERM');
    await this.#exited;
    return { code: this.exitCode, tookMs: performance.now() - startMs };
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.signal('SIGKILL');
    await this.#exited;
  }

  #read(line: string): void {
    this.output += `${line}\n`;
    if (line.startsWith('{')) this.lines.push(JSON.parse(line) as LogLine);
  }
}
