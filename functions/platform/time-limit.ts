import type { DownstreamQueue, MessageStore } from '../../relay/model/ports.ts';

/**
 * A store or queue that does not answer counts as failed, early enough to tell the caller under which id to retry. The
 * adapters keep trying longer: a retry finds whatever they still achieve.
 */
/** Must stay below DEADLINE_MS in http/api.ts. createOrFind tries a create three times. */
const LIMITS = { callMs: 8_000, createMs: 2_600 };
type Limits = typeof LIMITS;

class TimeLimitError extends Error {
  readonly code = 'TIME_LIMIT';
  override readonly name = 'TimeLimitError';
}

interface Call {
  readonly untilMs: number;
  readonly late: () => void;
}

/**
 * One timer for all calls with the same limit, earliest first: a timer and a race for each cost a batch a tenth of its
 * CPU time.
 */
class TimeLimit {
  readonly #limitMs: number;
  readonly #calls = new Set<Call>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Settles as `work` does, or rejects with a TimeLimitError. */
  hold<T>(what: string, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new TimeLimitError(`${what}: no answer within ${this.#limitMs} ms`));
      const call = { untilMs: performance.now() + this.#limitMs, late };
      this.#calls.add(call);
      this.#timer ??= setTimeout(() => this.#expire(), this.#limitMs);
      work.then(
        (value) => {
          this.#end(call);
          resolve(value);
        },
        (error: unknown) => {
          this.#end(call);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #end(call: Call): void {
    this.#calls.delete(call);
    if (this.#calls.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    const nowMs = performance.now();
    this.#timer = undefined;
    for (const call of this.#calls) {
      if (call.untilMs > nowMs) {
        this.#timer = setTimeout(() => this.#expire(), call.untilMs - nowMs);
        return;
      }
      this.#calls.delete(call);
      call.late();
    }
  }
}

export function limitedStore(store: MessageStore, { callMs, createMs }: Limits = LIMITS): MessageStore {
  const [calls, creates] = [new TimeLimit(callMs), new TimeLimit(createMs)];
  return {
    read: (key) => calls.hold('Firestore read', store.read(key)),
    create: (key, record) => creates.hold('Firestore create', store.create(key, record)),
    update: (key, version, change) => calls.hold('Firestore update', store.update(key, version, change)),
  };
}

export function limitedQueue(queue: DownstreamQueue, { callMs }: Limits = LIMITS): DownstreamQueue {
  const calls = new TimeLimit(callMs);
  return { enqueue: (queued) => calls.hold('Pub/Sub publish', queue.enqueue(queued)) };
}
