import type { Owner } from '../../model/owner.ts';
import type { DownstreamRequest } from '../../protocol/legacy/message.ts';
import { keyOf, queuedRecord, type RecordContext } from '../../model/new-record.ts';
import { createOrFind } from './create-or-find.ts';
import { asReplayed, isRepeat } from './repeat.ts';
import type { DownstreamQueue, MessageStore, StoredMessage } from '../../model/ports.ts';
import type { MessageRecord } from '../../model/record.ts';

/**
 * How a request becomes a message: the document first, then the queue, then the answer. The worker reads the document
 * before it sends, so the other order could send what is not recorded. What is left when the queue fails, or the
 * process dies, between the two writes is a document that perhaps nobody queued, and a caller without a 202: his repeat
 * finds it `queued` and queues it; without a repeat the sweep ends it. That may queue a message twice, which is
 * harmless: the worker reads the state first and drops repeats by id. The document is never taken back: somebody else
 * may have been answered for it meanwhile.
 */
export interface AcceptPorts extends RecordContext {
  readonly store: MessageStore;
  readonly queue: DownstreamQueue;
}

export interface Origin {
  readonly owner: Owner;
  /** When it was handed in, if not now: `time_to_live` counts from there. Milliseconds since 1970. */
  readonly acceptedAtMs?: number;
}

export type Acceptance =
  | { readonly outcome: 'accepted'; readonly record: MessageRecord }
  /** The same content by the same owner under the same id: this is how it stands. */
  | { readonly outcome: 'repeated'; readonly record: MessageRecord }
  /** The id belongs to a message with other content or of another owner; which, nobody is told. */
  | { readonly outcome: 'conflict' }
  /** Not accepted. To be repeated, under the same id. */
  | { readonly outcome: 'unavailable'; readonly retryAfterSeconds: number; readonly cause: unknown };

const RETRY_AFTER_SECONDS = 1;

/**
 * Accepts what it is handed, all at once; requests with the same id one after the other, so that the first one wins.
 * One acceptor a batch. Never rejects.
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

/** One request. Never rejects. */
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

/** Far less than the hour that the sweep waits, and more than most repeats take: those cost no write. */
export const DATE_AFTER_MS = 600_000;

/**
 * While it is `queued`, nobody knows whether its first writer has queued it or died before: whoever is answered has
 * queued it himself. A further copy is marked, so that it does no harm. An old document is dated anew before that, or
 * the sweep could take it for lost; where it has changed meanwhile, somebody else has dated it.
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
