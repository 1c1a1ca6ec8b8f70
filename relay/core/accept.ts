import type { DownstreamRequest } from '../protocol/message.ts';
import { keyOf, queuedRecord, type RecordMaking } from './accept-record.ts';
import { placeDocument, takeBack } from './accept-place.ts';
import { sameContent } from './accept-repeat.ts';
import type { DownstreamQueue, MessageKey, MessageStore, StoredMessage, Version } from './ports.ts';
import type { MessageRecord } from './record.ts';

/**
 * How a request becomes a message: the document first, then the queue, then the answer. The worker reads the document before
 * it sends, so the other order could send what is not recorded. What is left between the two writes when a process dies is a
 * document that nobody queued: a repeat of the request finds it `queued` and, once its writer cannot be alive any more, queues
 * it. That may queue a message twice, which is harmless: the worker reads the state first and drops repeats by id.
 */
export interface AcceptPorts extends RecordMaking {
  readonly store: MessageStore;
  readonly queue: DownstreamQueue;
}

export interface Origin {
  /** A uid, an API key's name, or `pubsub`. */
  readonly owner: string;
  /** A repeat dates the document anew when it has stood `queued` and untouched for this long. */
  readonly touchAfterMs: number;
}

export type Acceptance =
  | { readonly outcome: 'accepted'; readonly record: MessageRecord }
  /** The same content under the same id: this is how it stands. */
  | { readonly outcome: 'repeated'; readonly record: MessageRecord }
  /** The id belongs to a message with other content. */
  | { readonly outcome: 'conflict' }
  /** Not accepted. To be repeated, under the same id. */
  | { readonly outcome: 'unavailable'; readonly retryAfterSeconds: number; readonly cause: unknown };

/** Far less than the sweep takes for lost (sweep.ts), and rare enough to cost nothing. */
export const TOUCH_AFTER_MS = 30_000;

const RETRY_SOON_SECONDS = 1;
/** When nobody knows what happened: time for Firestore to come back. */
const RETRY_LATE_SECONDS = TOUCH_AFTER_MS / 1_000 + 1;

/**
 * Accepts what it is handed, all at once; requests with the same id one after the other, so that the first one wins. One
 * acceptor a batch. Never rejects.
 */
export function acceptor(ports: AcceptPorts, origin: Origin): (request: DownstreamRequest) => Promise<Acceptance> {
  const last = new Map<string, Promise<Acceptance>>();
  return (request) => {
    const id = JSON.stringify(keyOf(request));
    const before = last.get(id);
    const acceptance = before === undefined ? accept(ports, origin, request) : before.then(() => accept(ports, origin, request));
    last.set(id, acceptance);
    return acceptance;
  };
}

/** One request. Never rejects. */
export async function accept(ports: AcceptPorts, origin: Origin, request: DownstreamRequest): Promise<Acceptance> {
  const key = keyOf(request);
  const record = queuedRecord(ports, request, origin.owner);
  try {
    const placed = await placeDocument(ports.store, key, record);
    if (placed.whose === 'ours') return await queueNew(ports, request, { key, record, version: placed.version });
    if (!sameContent(placed.stored.record, record)) return { outcome: 'conflict' };
    return await repeat(ports, origin, { request, stored: placed.stored });
  } catch (cause) {
    return { outcome: 'unavailable', retryAfterSeconds: RETRY_LATE_SECONDS, cause };
  }
}

interface Placed {
  readonly key: MessageKey;
  readonly record: MessageRecord;
  readonly version: Version;
}

async function queueNew(ports: AcceptPorts, request: DownstreamRequest, { key, record, version }: Placed): Promise<Acceptance> {
  try {
    await ports.queue.enqueue({ ...request, acceptedAtMs: record.createdAtMs });
    return { outcome: 'accepted', record };
  } catch (cause) {
    const gone = await takeBack(ports.store, key, version);
    return { outcome: 'unavailable', retryAfterSeconds: gone ? RETRY_SOON_SECONDS : RETRY_LATE_SECONDS, cause };
  }
}

interface Repeat {
  readonly request: DownstreamRequest;
  readonly stored: StoredMessage;
}

/**
 * While it is `queued`, nobody knows whether its first writer has queued it or died before: whoever is answered has queued it himself. A further copy
 * is marked, so that it does no harm.
 */
async function repeat(ports: AcceptPorts, origin: Origin, { request, stored }: Repeat): Promise<Acceptance> {
  const { record, version } = stored;
  if (record.state === 'queued' && record.cancelRequestedAtMs === undefined) {
    if (ports.now() - record.updatedAtMs >= origin.touchAfterMs) await touch(ports, keyOf(request), version);
    await ports.queue.enqueue({ ...request, acceptedAtMs: record.createdAtMs, repeated: true }); // time_to_live counts from the first acceptance
  }
  return { outcome: 'repeated', record };
}

/** Before an old one is queued again: the sweep must not take it for lost meanwhile. Where it has changed, somebody else has touched it. */
async function touch({ store, now }: AcceptPorts, key: MessageKey, version: Version): Promise<void> {
  await store.update(key, version, { updatedAtMs: now() });
}
