import { setTimeout as delay } from 'node:timers/promises';
import type { Gateway } from './gateway.ts';
import { Batcher } from '../batcher.ts';
import type { Document, Timestamp, Write } from './wire.ts';

/**
 * Conditional writes, batched into group commits, each with its own result. A batch is first tried as one atomic
 * commit, which is cheapest. If a precondition fails, Firestore refuses the whole commit without saying whose it was:
 * then BatchWrite answers for each write.
 * An attempt that fails on the way (UNAVAILABLE, a deadline) may have succeeded, so its writes are in doubt: if the
 * next attempt finds the precondition broken, the document is read, and the write counts as ours if the document is as
 * we would have left it.
 */
export interface ConditionalWrite {
  /** The document's full name. */
  readonly name: string;
  readonly write: Write;
  readonly bytes: number;
  /** After an attempt in doubt: whether the document (`undefined`: none) is as this write leaves it. */
  readonly isDone: (found: Document | undefined) => boolean;
}

export type WriteOutcome =
  { readonly outcome: 'written'; readonly updateTime: Timestamp | undefined } | { readonly outcome: 'refused' };

export interface WriteSettings {
  readonly maxItems?: number;
  readonly maxInFlight?: number;
  readonly lingerMs?: number;
  /** Before the second attempt; doubled for each further one, with full jitter. */
  readonly retryDelayMs?: number;
  readonly tries?: number;
}

const MAX_GROUP_BYTES = 2_000_000; // Firestore allows 10 MiB a request; short response times matter more

export class ConditionalWrites {
  readonly #gateway: Gateway;
  readonly #group: Batcher<ConditionalWrite, WriteOutcome>;
  readonly #tries: number;
  readonly #retryDelayMs: number;

  constructor(
    gateway: Gateway,
    { maxItems = 200, maxInFlight = 8, lingerMs = 20, retryDelayMs = 100, tries = 5 }: WriteSettings = {},
  ) {
    this.#gateway = gateway;
    this.#tries = tries;
    this.#retryDelayMs = retryDelayMs;
    this.#group = new Batcher({
      perform: (writes) => this.#perform(writes),
      keyOf: ({ name }) => name,
      bytesOf: ({ bytes }) => bytes,
      maxItems,
      maxBytes: MAX_GROUP_BYTES,
      maxInFlight,
      lingerMs,
    });
  }

  /** Rejects when the outcome is unknown, or when Firestore accepts the write neither now nor later. */
  write(write: ConditionalWrite): Promise<WriteOutcome> {
    return this.#group.add(write);
  }

  drain(): Promise<void> {
    return this.#group.drain();
  }

  async #perform(writes: readonly ConditionalWrite[]): Promise<PromiseSettledResult<WriteOutcome>[]> {
    const results = new Map<ConditionalWrite, PromiseSettledResult<WriteOutcome>>();
    let open = writes;
    let inDoubt: ReadonlySet<ConditionalWrite> = new Set();
    for (let attempt = 1; open.length > 0; attempt += 1) {
      const answers = await this.#attempt(open);
      const retried: ConditionalWrite[] = [];
      const doubtful: ConditionalWrite[] = [];
      for (const [at, write] of open.entries()) {
        const answer = answers[at] ?? LOST;
        if (answer.kind === 'written')
          results.set(write, fulfilled({ outcome: 'written', updateTime: answer.updateTime }));
        else if (answer.kind === 'refused' && inDoubt.has(write)) doubtful.push(write);
        else if (answer.kind === 'refused') results.set(write, fulfilled({ outcome: 'refused' }));
        else if (answer.kind === 'transient' && attempt < this.#tries) retried.push(write);
        else results.set(write, { status: 'rejected', reason: answer.error });
      }
      await this.#resolveDoubts(doubtful, results);
      open = retried;
      inDoubt = new Set(retried);
      if (open.length > 0) await delay(Math.random() * this.#retryDelayMs * 2 ** (attempt - 1));
    }
    return writes.map((write) => results.get(write) ?? { status: 'rejected', reason: LOST.error });
  }

  async #attempt(writes: readonly ConditionalWrite[]): Promise<readonly AttemptResult[]> {
    const protos = writes.map(({ write }) => write);
    try {
      return (await this.#gateway.commit(protos)).map((updateTime) => ({ kind: 'written', updateTime }));
    } catch (error) {
      const answer = resultOf(error);
      if (answer.kind === 'transient' || answer.kind === 'denied' || writes.length === 1)
        return writes.map(() => answer);
    }
    try {
      return (await this.#gateway.batchWrite(protos)).map((result) =>
        'code' in result ? resultOf(result) : { kind: 'written', updateTime: result },
      );
    } catch (error) {
      const answer = resultOf(error);
      if (answer.kind === 'transient' || answer.kind === 'denied') return writes.map(() => answer);
    }
    // BatchWrite itself was refused: one write makes every request with it invalid.
    const answers: AttemptResult[] = [];
    for (const write of writes) answers.push(...(await this.#attempt([write])));
    return answers;
  }

  async #resolveDoubts(
    writes: readonly ConditionalWrite[],
    results: Map<ConditionalWrite, PromiseSettledResult<WriteOutcome>>,
  ): Promise<void> {
    if (writes.length === 0) return;
    try {
      const found = await this.#gateway.batchGet(writes.map(({ name }) => name));
      for (const write of writes) {
        const document = found.get(write.name);
        results.set(
          write,
          fulfilled(
            write.isDone(document) ? { outcome: 'written', updateTime: document?.updateTime } : { outcome: 'refused' },
          ),
        );
      }
    } catch (reason) {
      for (const write of writes) results.set(write, { status: 'rejected', reason });
    }
  }
}

type AttemptResult =
  | { readonly kind: 'written'; readonly updateTime: Timestamp }
  | { readonly kind: 'refused' | 'transient' | 'denied' | 'fatal'; readonly error: unknown };

const LOST = { kind: 'fatal', error: new Error('Firestore returned fewer results than writes') } as const;

/** gRPC status codes. `denied` applies to all writes alike; unlisted codes are `fatal`: the write can never succeed. */
const KINDS: Readonly<Record<number, 'refused' | 'transient' | 'denied'>> = {
  1: 'transient', // CANCELLED: the connection ended
  2: 'transient', // UNKNOWN
  4: 'transient', // DEADLINE_EXCEEDED
  5: 'refused', // NOT_FOUND
  6: 'refused', // ALREADY_EXISTS
  7: 'denied', // PERMISSION_DENIED
  8: 'transient', // RESOURCE_EXHAUSTED
  9: 'refused', // FAILED_PRECONDITION
  10: 'transient', // ABORTED: contention
  12: 'denied', // UNIMPLEMENTED
  13: 'transient', // INTERNAL: RST_STREAM, mostly
  14: 'transient', // UNAVAILABLE
  16: 'denied', // UNAUTHENTICATED
};

function resultOf(error: unknown): AttemptResult {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return { kind: (typeof code === 'number' ? KINDS[code] : undefined) ?? 'fatal', error: toError(error) };
}

const toError = (error: unknown): Error =>
  error instanceof Error
    ? error
    : Object.assign(new Error(`Firestore: ${String((error as { message?: unknown }).message)}`), error);

const fulfilled = (value: WriteOutcome): PromiseSettledResult<WriteOutcome> => ({ status: 'fulfilled', value });
