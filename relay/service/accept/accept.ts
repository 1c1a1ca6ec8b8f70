import type { Owner } from '../../model/owner.ts';
import type { DownstreamRequest } from '../../protocol/legacy/message.ts';
import { keyOf, queuedRecord, type RecordContext } from '../../model/new-record.ts';
import { createOrFind } from './create-or-find.ts';
import { asReplayed, isRepeat } from './repeat.ts';
import type { DownstreamQueue, MessageStore, StoredMessage } from '../../model/ports.ts';
import type { MessageRecord } from '../../model/record.ts';

/**
 * How a request becomes a message: first the document, then the queue, then the answer. The worker reads the document
 * before it sends, so the other order could send what is not recorded.
 * If the queue fails, or the process dies between the two writes, the document may belong to a message nobody queued,
 * and its caller has no 202. A retry finds it `queued` and queues it; without one the sweep ends it. A message may be
 * queued twice that way, which is harmless: the worker reads the state first and drops repeats by id. The document is
 * never deleted: another caller may have been answered for it meanwhile.
 */
export interface AcceptPorts extends RecordContext {
  readonly store: MessageStore;
  readonly queue: DownstreamQueue;
}

export interface Origin {
  readonly owner: Owner;
  /** When the request was received, if not now: `time_to_live` counts from there. Milliseconds since 1970. */
  readonly acceptedAtMs?: number;
}

export type Acceptance =
  | { readonly outcome: 'accepted'; readonly record: MessageRecord }
  /** The same content by the same owner under the same id. `record` is its current state. */
  | { readonly outcome: 'repeated'; readonly record: MessageRecord }
  /** The id belongs to a message with other content or of another owner; the caller is not told which. */
  | { readonly outcome: 'conflict' }
  /** Not accepted. To be retried under the same id. */
  | { readonly outcome: 'unavailable'; readonly retryAfterSeconds: number; readonly cause: unknown };

const RETRY_AFTER_SECONDS = 1;

/**
 * Accepts requests in parallel, but those with the same id in order, so that the first one wins. Use one acceptor a
 * batch. Never rejects.
 */
export function acceptor(ports: AcceptPorts, origin: Origin): (request: DownstreamRequest) => Promise<Acceptance> {
  const last = new Map<string, Promise<Acceptance>>();
  return (request) => {
    const id = JSON.stringify(keyOf(request));
    const before = last.get(id);
    const acceptance =
      before === undefined ? accept(ports, origin, request) : before.then(() => accept(ports, origin, request));
    last.set(id, acceptance);
    return acceptance;
  };
}

/** Accepts one request. Never rejects. */
export async function accept(ports: AcceptPorts, origin: Origin, request: DownstreamRequest): Promise<Acceptance> {
  const key = keyOf(request);
  const record = recordOf(ports, origin, request);
  try {
    const placed = await createOrFind(ports.store, key, record);
    if (placed.outcome === 'created') {
      await ports.queue.enqueue({ ...request, acceptedAtMs: record.createdAtMs, owner: origin.owner });
      return { outcome: 'accepted', record };
    }
    const { stored } = placed;
    const again = asReplayed(request, stored.record);
    const asked = again === request ? record : recordOf(ports, origin, again);
    if (!isRepeat(ports, again, { stored: stored.record, asked })) return { outcome: 'conflict' };
    return await repeat(ports, { request: again, stored });
  } catch (cause) {
    return { outcome: 'unavailable', retryAfterSeconds: RETRY_AFTER_SECONDS, cause };
  }
}

export function recordOf(ports: AcceptPorts, origin: Origin, request: DownstreamRequest): MessageRecord {
  const { owner, acceptedAtMs } = origin;
  return queuedRecord(acceptedAtMs === undefined ? ports : { ...ports, acceptedAtMs }, request, owner);
}

interface Repeat {
  readonly request: DownstreamRequest;
  readonly stored: StoredMessage;
}

/** Far below the hour the sweep waits, and above the age of most repeats, which then cost no write. */
export const DATE_AFTER_MS = 600_000;

/**
 * While the document is `queued`, its first writer may have died before queueing it, so every repeat queues a copy
 * before it is answered. The copy is marked, so it does no harm. An old document is touched first, or the sweep could
 * take it for lost; a conflict means someone else has just done that.
 */
async function repeat(
  { store, queue, now }: AcceptPorts,
  { request, stored: { record, version } }: Repeat,
): Promise<Acceptance> {
  if (record.state === 'queued' && record.cancelRequestedAtMs === undefined) {
    const nowMs = now();
    if (nowMs - record.updatedAtMs >= DATE_AFTER_MS)
      await store.update(keyOf(request), version, { updatedAtMs: nowMs });
    const { createdAtMs: acceptedAtMs, owner } = record;
    // time_to_live counts from the first acceptance
    await queue.enqueue({ ...request, acceptedAtMs, ...(owner !== undefined && { owner }), repeated: true });
  }
  return { outcome: 'repeated', record };
}
