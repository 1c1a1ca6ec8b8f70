import type { DownstreamQueue, MessageStore } from '../relay/core/ports.ts';

/**
 * A store or a queue that does not answer counts as one that failed, soon enough for the caller to be told under which
 * id to repeat. The adapters go on trying for longer: what they still do then is what a repeat finds, as after any
 * failure on the way.
 */
/** DEADLINE_MS in api/api.ts must be longer. placeDocument tries a create three times. */
const LIMITS = { callMs: 8_000, createMs: 2_600 };
type Limits = typeof LIMITS;

class TimeLimitError extends Error {
  readonly code = 'TIME_LIMIT';
  override readonly name = 'TimeLimitError';
}

async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(`${what}: no answer within ${limitMs} ms`)), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export const limitedStore = (store: MessageStore, { callMs, createMs }: Limits = LIMITS): MessageStore => ({
  read: (key) => within(callMs, 'Firestore, a read', store.read(key)),
  create: (key, record) => within(createMs, 'Firestore, a create', store.create(key, record)),
  update: (key, version, change) => within(callMs, 'Firestore, an update', store.update(key, version, change)),
});

export const limitedQueue = (queue: DownstreamQueue, { callMs }: Limits = LIMITS): DownstreamQueue => ({
  enqueue: (queued) => within(callMs, 'Pub/Sub, a publish', queue.enqueue(queued)),
});
