import { Firestore } from '@google-cloud/firestore';
import { callsAtOnce } from '../at-once.ts';
import { Backlog } from '../drain/backlog.ts';
import type { Draining } from '../drain/drain-turn.ts';
import { startWorker } from '../drain/worker-side.ts';
import { messageId, messageOf } from '../load-job.ts';
import { startFunctions, type Functions } from '../functions/functions-side.ts';
import { Gauge } from '../gauge.ts';
import type { Turn } from '../scenario.ts';
import { SENDER } from '../sender.ts';
import { TurnError } from '../side-process.ts';
import type { Stage } from '../stage.ts';
import { CcsTimes } from './ccs-times.ts';

/** Calls under way that saturate it. */
export const AT_ONCE = 64;

/** Posts the messages from this number on. */
type HandIn<T> = (post: (n: number) => Promise<void>, from: number) => Promise<T>;

/** The whole relay for one turn: the API and the worker, each in a process of its own, on an empty queue. */
export class Stack {
  readonly times: CcsTimes;
  readonly #stage: Stage;
  readonly #queue: Backlog;
  readonly #api: Functions;
  readonly #worker: Draining;
  /** Messages handed in. */
  #count = 0;

  private constructor(
    stage: Stage,
    parts: { readonly queue: Backlog; readonly times: CcsTimes; readonly api: Functions; readonly worker: Draining },
  ) {
    this.#stage = stage;
    this.times = parts.times;
    this.#queue = parts.queue;
    this.#api = parts.api;
    this.#worker = parts.worker;
  }

  /** Resolves when it has handled so many messages, in a burst: its code is warm. */
  static async start(stage: Stage, warmUp: number): Promise<Stack> {
    await stage.ccs.renew();
    const queue = await Backlog.empty(stage);
    const times = new CcsTimes(stage.ccs.control);
    const worker = startWorker(stage, { backlog: queue, connections: 1 });
    const api = await startFunctions(stage, queue);
    await times.bound;
    const stack = new Stack(stage, { queue, times, api, worker });
    await stack.#handIn(warmUp, (post, from) => callsAtOnce(warmUp, AT_ONCE, (at) => post(from + at)));
    return stack;
  }

  /**
   * What `handIn` did, which hands in `count` more, and the figures of the time until all of them had settled; the CPU
   * is the worker's.
   */
  async measure<T>(count: number, handIn: HandIn<T>): Promise<{ readonly turn: Turn; readonly handed: T }> {
    const gauge = await Gauge.begin(this.#stage.ccs.control);
    const [worker, api] = await this.#usage();
    const startMs = performance.now();
    const handed = await this.#handIn(count, handIn);
    const seconds = (performance.now() - startMs) / 1_000;
    const [workerAfter, apiAfter] = await this.#usage();
    const shares = await gauge.read();
    const extra = { 'API CPU µs/msg': (apiAfter.cpuMicros - api.cpuMicros) / count };
    const turn = {
      messages: count,
      seconds,
      cpuMicros: workerAfter.cpuMicros - worker.cpuMicros,
      peakRssBytes: workerAfter.peakRssBytes,
      ...shares,
      extra,
    };
    return { turn, handed };
  }

  /** Ends it, and sees that every message came once and is acked. */
  async end(): Promise<void> {
    this.#api.caller.close();
    await Promise.all([this.times.end(), this.#api.side.end('SIGTERM'), this.#worker.side.end('SIGTERM')]);
    await this.#stage.ccs.verify(this.#count);
    await this.#queue.verify(this.#count);
    await this.#queue.remove();
  }

  /** When Firestore committed the last change of each document, by its own clock; milliseconds since 1970. */
  async settledAtMs(): Promise<(n: number) => number> {
    const firestore = new Firestore({ projectId: this.#queue.projectId });
    const { docs } = await firestore.collection(`senders/${SENDER.id}/messages`).select('state').get();
    await firestore.terminate();
    const times = new Map(
      docs.map(({ id, updateTime: { seconds, nanoseconds } }) => [id, seconds * 1_000 + nanoseconds / 1e6]),
    );
    return (n) => {
      const atMs = times.get(messageId(n));
      if (atMs === undefined) throw new TurnError(`there is no document of ${messageId(n)}`);
      return atMs;
    };
  }

  /** Resolves when all are settled. */
  async #handIn<T>(count: number, handIn: HandIn<T>): Promise<T> {
    const handed = await handIn((n) => this.#api.caller.post(Buffer.from(JSON.stringify(messageOf(n)))), this.#count);
    this.#count += count;
    await this.#worker.finished(this.#count);
    return handed;
  }

  #usage() {
    return Promise.all([this.#worker.side.usage(), this.#api.side.usage()]);
  }
}
