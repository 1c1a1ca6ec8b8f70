import type { LogEvent } from '../../../worker/observe/log-events.ts';
import { sumOfSamples } from '../metrics.ts';
import { RunningProcess } from '../process/running-process.ts';
import { HOST } from '../ports.ts';
import { until } from '../until.ts';
import { WORKER_LOG, workerSpec } from '../worker.ts';

/** One log line of the worker. */
export interface LogLine {
  readonly severity: string;
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A worker with its log and its metrics, as a test looks at it. */
export class WorkerProcess {
  readonly lines: LogLine[] = [];
  /** All that it wrote, including what is not a log line. */
  output = '';
  readonly #process: RunningProcess;

  constructor(env: Readonly<Record<string, string>>) {
    this.#process = new RunningProcess(workerSpec(env));
    this.#process.onLine((line) => {
      this.output += `${line}\n`;
      if (line.startsWith('{')) this.lines.push(JSON.parse(line) as LogLine);
    });
  }

  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  get baseUrl(): string {
    const port = this.said(WORKER_LOG.started)[0]?.['port'];
    return `http://${HOST}:${String(port)}`;
  }

  /** Its log lines of an event. */
  said(event: LogEvent): LogLine[] {
    return this.lines.filter((line) => line.event === event);
  }

  /** Resolves when a connection to FCM is open. */
  async ready(withinMs = 30_000): Promise<void> {
    await until(() => this.said(WORKER_LOG.connected).length > 0 || this.exitCode !== null, {
      withinMs,
      what: () => `the worker is not ready: ${this.output}`,
    });
    if (this.exitCode !== null) throw new Error(`the worker has ended: ${this.output}`);
  }

  /** A sample by its whole name, e.g. `relay_sends_total{repeat="true"}`; 0 if there is none. */
  async metric(sample: string): Promise<number> {
    return this.total(`${sample} `);
  }

  /** The sum of all samples that begin like this: `relay_settled_total{state="acked"` of both lanes. */
  async total(beginning: string): Promise<number> {
    const text = await (await fetch(`${this.baseUrl}/metrics`)).text();
    return sumOfSamples(text, beginning);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** SIGTERM. Resolves when it has ended. */
  async stop(): Promise<{ code: number | null; tookMs: number }> {
    const tookMs = await this.#process.stop();
    return { code: this.exitCode, tookMs };
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }
}
