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
import type { Testbed } from '../testbed.ts';
import { CcsTimes } from './ccs-times.ts';

/** Calls in progress that saturate it. */
export const AT_ONCE = 64;

/** Posts the messages from number `from` on. */
type Submit<T> = (post: (n: number) => Promise<void>, from: number) => Promise<T>;

/** The whole relay for one turn: the API and the worker, each in a process of its own, on an empty queue. */
export class Stack {
  readonly times: CcsTimes;
  readonly #testbed: Testbed;
  readonly #queue: Backlog;
  readonly #api: Functions;
  readonly #worker: Draining;
  /** Messages submitted so far. */
  #count = 0;

  private constructor(
    testbed: Testbed,
    parts: { readonly queue: Backlog; readonly times: CcsTimes; readonly api: Functions; readonly worker: Draining },
  ) {
    this.#testbed = testbed;
    this.times = parts.times;
    this.#queue = parts.queue;
    this.#api = parts.api;
    this.#worker = parts.worker;
  }

  /** Starts it, and warms it up with this many messages in a burst. */
  static async start(testbed: Testbed, warmUp: number): Promise<Stack> {
    await testbed.ccs.renew();
    const queue = await Backlog.empty(testbed);
    const times = new CcsTimes(testbed.ccs.control);
    const worker = startWorker(testbed, { backlog: queue, connections: 1 });
    const api = await startFunctions(testbed, queue);
    await times.bound;
    const stack = new Stack(testbed, { queue, times, api, worker });
    await stack.#submit(warmUp, (post, from) => callsAtOnce(warmUp, AT_ONCE, (at) => post(from + at)));
    return stack;
  }

  /**
   * Submits `count` more by `submit`. @returns its result, and the figures until all have settled; the CPU is the
   * worker's
   */
  async measure<T>(count: number, submit: Submit<T>): Promise<{ readonly turn: Turn; readonly handed: T }> {
    const gauge = await Gauge.begin(this.#testbed.ccs.control);
    const [worker, api] = await this.#usage();
    const startMs = performance.now();
    const handed = await this.#submit(count, submit);
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

  /** Ends it, and verifies that every message came once and is acked. */
  async end(): Promise<void> {
    this.#api.caller.close();
    await Promise.all([this.times.end(), this.#api.side.end('SIGTERM'), this.#worker.side.end('SIGTERM')]);
    await this.#testbed.ccs.verify(this.#count);
    await this.#queue.verify(this.#count);
    await this.#queue.remove();
  }

  /** When Firestore committed the last change of each document, by its own clock, in milliseconds since 1970. */
  async settledAtMs(): Promise<(n: number) => number> {
    const firestore = new Firestore({ projectId: this.#queue.projectId });
    const { docs } = await firestore.collection(`senders/${SENDER.id}/messages`).select('state').get();
    await firestore.terminate();
    const times = new Map(
      docs.map(({ id, updateTime: { seconds, nanoseconds } }) => [id, seconds * 1_000 + nanoseconds / 1e6]),
    );
    return (n) => {
      const atMs = times.get(messageId(n));
      if (atMs === undefined) throw new TurnError(`no document of ${messageId(n)}`);
      return atMs;
    };
  }

  /** Resolves when all have settled. */
  async #submit<T>(count: number, submit: Submit<T>): Promise<T> {
    const handed = await submit((n) => this.#api.caller.post(Buffer.from(JSON.stringify(messageOf(n)))), this.#count);
    this.#count += count;
    await this.#worker.finished(this.#count);
    return handed;
  }

  #usage() {
    return Promise.all([this.#worker.side.usage(), this.#api.side.usage()]);
  }
}
