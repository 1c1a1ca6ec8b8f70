import type { DownstreamRequest } from '../protocol/message.ts';
import { keyOf, queuedRecord, type RecordMaking } from './accept-record.ts';
import { placeDocument, takeBack } from './accept-place.ts';
import { sameContent } from './accept-repeat.ts';
import type { DownstreamQueue, MessageKey, MessageStore, StoredMessage, Version } from './ports.ts';
import type { MessageRecord } from './record.ts';

/**
 * How a request becomes a message: the document first, then the queue, then the answer. The worker reads the document before
 * it sends, so the other order could send what is not recorded. What is left between the two writes when a process dies is a
 * document that nobody queued: a repeat of the request finds it `queued` and queues it. That may queue a message twice, which is
 * harmless: the worker reads the state first and drops repeats by id.
 */
export interface AcceptPorts extends RecordMaking {
  readonly store: MessageStore;
  readonly queue: DownstreamQueue;
}

export interface Origin {
  /** A uid, an API key's name, or `pubsub`. */
  readonly owner: string;
}

export type Acceptance =
  | { readonly outcome: 'accepted'; readonly record: MessageRecord }
  /** The same content under the same id: this is how it stands. */
  | { readonly outcome: 'repeated'; readonly record: MessageRecord }
  /** The id belongs to a message with other content. */
  | { readonly outcome: 'conflict' }
  /** Not accepted. To be repeated, under the same id. */
  | { readonly outcome: 'unavailable'; readonly retryAfterSeconds: number; readonly cause: unknown };

const RETRY_AFTER_SECONDS = 1;

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
    return await repeat(ports, { request, stored: placed.stored });
  } catch (cause) {
    return { outcome: 'unavailable', retryAfterSeconds: RETRY_AFTER_SECONDS, cause };
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
    await takeBack(ports.store, key, version);
    return { outcome: 'unavailable', retryAfterSeconds: RETRY_AFTER_SECONDS, cause };
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
async function repeat(ports: AcceptPorts, { request, stored }: Repeat): Promise<Acceptance> {
  const { record, version } = stored;
  if (record.state === 'queued' && record.cancelRequestedAtMs === undefined) {
    await touch(ports, keyOf(request), version);
    await ports.queue.enqueue({ ...request, acceptedAtMs: record.createdAtMs, repeated: true }); // time_to_live counts from the first acceptance
  }
  return { outcome: 'repeated', record };
}

/**
 * Before it is queued again: from now on its first writer cannot take it back, nor the sweep take it for lost. Where it has changed meanwhile, somebody
 * else has seen to that. @throws Error when it was taken back
 */
async function touch({ store, now }: AcceptPorts, key: MessageKey, version: Version): Promise<void> {
  const { outcome } = await store.update(key, version, { updatedAtMs: now() });
  if (outcome === 'conflict' && (await store.read(key)) === undefined) throw new Error('the message could not be queued, and was taken back');
}
