import { isContentOf } from '../../model/content-hash.ts';
import { canonicalContent } from '../../protocol/legacy/content.ts';
import { MAX_TTL_SECONDS } from '../../protocol/legacy/message.ts';
import { decodeQueued, type DecodedQueued, type QueuedMessage } from '../../protocol/queue/queued.ts';
import { expireAtMs, keyOf } from '../../model/new-record.ts';
import type {
  DownstreamQueue,
  ReceivedDeadLetter,
  MessageKey,
  MessageStore,
  RequestTopic,
  StoredMessage,
  Version,
} from '../../model/ports.ts';
import { NOT_SIGNED } from '../queue/admission.ts';
import type { Hashes } from '../../model/token-hash.ts';
import { isTerminal, type MessageRecord, type MessageState, type RecordChange } from '../../model/record.ts';

/**
 * The one way out of a terminal state: an operator replays a dead letter. Its document, `dead` (or, where it is told
 * to, `unknown`), is opened again (conditionally, so that of two replays one does it), then the message goes back to
 * its lane under its own id, then the letter is acked. Who dies in between leaves a letter whose replay can be
 * repeated: `replayedToMs` tells that the document was opened for it, and a second copy in the lane does no harm. What
 * was sent before is opened as `sent`: only what never was sent may be cancelled. A replay signs: so only what the
 * relay itself had queued goes back to a lane, and whatever else a letter holds has to pass as a request.
 */
export interface ReplayPorts extends Hashes {
  readonly store: MessageStore;
  readonly queue: DownstreamQueue;
  readonly requests: RequestTopic;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

export interface PublishedDeadLetter extends ReceivedDeadLetter {
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
}

export type ReplayPlan =
  /** Back to its lane; its document is opened first where `opening` says so. */
  | { readonly action: 'queue'; readonly key: MessageKey; readonly queued: QueuedMessage; readonly opening?: Opening }
  /**
   * It is no message of the queue: handed in anew, as its publisher did. What is still wrong with it comes back with
   * the reason.
   */
  | { readonly action: 'request' }
  /** Replayed before, and it ended since: the letter has done its service. */
  | { readonly action: 'finish'; readonly state: MessageState }
  | { readonly action: 'leave'; readonly why: LeftReason; readonly state?: MessageState };

export type LeftReason =
  'expired' | 'tooOld' | 'notDead' | 'maybeTaken' | 'notSigned' | 'otherMessage' | 'newer' | 'empty' | 'strangers';

export interface Opening {
  readonly version: Version;
  readonly change: RecordChange;
}

export interface ReplayOptions {
  /** For messages whose time is over; absent: they are left. */
  readonly newTtlSeconds?: number | undefined;
  /**
   * Also messages of which nobody knows whether FCM has them (`unknown`), and requests that the relay did not bury
   * itself.
   */
  readonly force?: boolean;
}

/** What a replay would do now. Reads only. */
export async function planReplay(
  ports: ReplayPorts,
  letter: PublishedDeadLetter,
  { newTtlSeconds, force = false }: ReplayOptions = {},
): Promise<ReplayPlan> {
  const { store, now, random, hash } = ports;
  const decoded = decodeQueued(letter.payload);
  if (!decoded.ok) return planOfRequest(letter, decoded, force);
  const key = keyOf(decoded.value);
  const stored = await store.read(key);
  const value = asOpened(decoded.value, { letter, stored });
  const doubt = doubtOf(ports, { ...decoded, value }, { letter, stored });
  if (doubt !== undefined) return { action: 'leave', why: doubt };
  const mayOpen =
    stored !== undefined && (stored.record.state === 'dead' || (stored.record.state === 'unknown' && force));
  if (stored !== undefined && !mayOpen && !wasNeverTaken(letter, stored.record)) {
    const { state, replayedToMs } = stored.record;
    const replayed = replayedToMs !== undefined && letter.publishedAtMs <= replayedToMs;
    if (!replayed)
      return state === 'unknown' ? { action: 'leave', why: 'maybeTaken' } : { action: 'leave', why: 'notDead', state };
    if (isTerminal(state)) return { action: 'finish', state };
  }
  const queued = inTime(value, now(), newTtlSeconds);
  if (typeof queued === 'string') return { action: 'leave', why: queued };
  const isAsStored = queued.message.time_to_live === value.message.time_to_live;
  if (stored === undefined || (!mayOpen && isAsStored)) return { action: 'queue', key, queued };
  const contentHash = hash(canonicalContent(queued));
  const change = openingOf(stored.record, { letter, queued, contentHash, nowMs: now(), share: random() });
  return { action: 'queue', key, queued, opening: { version: stored.version, change } };
}

type Decoded = Extract<DecodedQueued, { ok: true }>;
type Refused = Extract<DecodedQueued, { ok: false }>;

/**
 * What is no envelope of a version that we know. Without data and attributes Pub/Sub would not take it. Whoever may
 * publish dead letters could have put it there, to be sent in our name, unless we wrote it: what Pub/Sub forwarded by
 * itself is such a letter too.
 */
function planOfRequest(
  { payload, senderId, attributes = {}, signedBy }: PublishedDeadLetter,
  { reason }: Refused,
  force: boolean,
): ReplayPlan {
  if (reason === 'UNKNOWN_VERSION') return { action: 'leave', why: 'newer' };
  const isNothing = payload.byteLength === 0 && senderId === undefined && Object.keys(attributes).length === 0;
  if (isNothing) return { action: 'leave', why: 'empty' };
  return signedBy.relay || force ? { action: 'request' } : { action: 'leave', why: 'strangers' };
}

interface Found {
  readonly letter: PublishedDeadLetter;
  readonly stored: StoredMessage | undefined;
}

/** The message as an earlier replay of the letter opened its document: with the time to live that it was given then. */
function asOpened(value: QueuedMessage, { letter, stored }: Found): QueuedMessage {
  const { replayedToMs, timeToLiveSeconds = 0 } = stored?.record ?? {};
  if (replayedToMs === undefined || letter.publishedAtMs > replayedToMs) return value;
  return { ...value, message: { ...value.message, time_to_live: timeToLiveSeconds } };
}

/** As a worker decides it: `undefined` when the envelope is ours and the document, if any, is that of its message. */
function doubtOf(hashes: Hashes, { version, value }: Decoded, { letter, stored }: Found): LeftReason | undefined {
  const contentHash = stored?.record.contentHash;
  const { queue: signed } = letter.signedBy;
  if (contentHash === undefined) return signed ? undefined : 'notSigned';
  if (!signed && version !== 1) return 'notSigned';
  if (isContentOf(hashes, value, contentHash)) return undefined;
  return signed ? 'otherMessage' : 'notSigned';
}

/** A worker without the key that it was signed with deadLettered it: its document was not touched, and waits. */
const wasNeverTaken = ({ reason, signedBy }: PublishedDeadLetter, { state }: MessageRecord): boolean =>
  reason === NOT_SIGNED.reason && signedBy.relay && !isTerminal(state);

/** Whether the letter can be acked now. Rejects when nobody knows how far it came: to be repeated. */
export async function replay(
  { store, queue, requests }: ReplayPorts,
  letter: PublishedDeadLetter,
  plan: ReplayPlan,
): Promise<boolean> {
  switch (plan.action) {
    case 'queue': {
      const { key, queued, opening } = plan;
      if (opening !== undefined && (await store.update(key, opening.version, opening.change)).outcome === 'conflict')
        return false;
      await queue.enqueue(queued);
      return true;
    }
    case 'request':
      await requests.submit(letter.payload, restored(letter));
      return true;
    case 'finish':
      return true;
    case 'leave':
      return false;
  }
}

const restored = ({ senderId, attributes }: PublishedDeadLetter): Readonly<Record<string, string>> => ({
  ...(senderId !== undefined && { sender_id: senderId }),
  ...attributes,
});

/**
 * As a copy, with time left to live. `time_to_live` counts from the first acceptance, so a new one is longer by what
 * has passed.
 */
function inTime(
  queued: QueuedMessage,
  nowMs: number,
  newTtlSeconds: number | undefined,
): QueuedMessage | 'expired' | 'tooOld' {
  const { acceptedAtMs, message } = queued;
  if (nowMs < acceptedAtMs + message.time_to_live * 1_000) return { ...queued, repeated: true };
  if (newTtlSeconds === undefined) return 'expired';
  const timeToLiveSeconds = Math.ceil((nowMs - acceptedAtMs) / 1_000) + newTtlSeconds;
  return timeToLiveSeconds > MAX_TTL_SECONDS
    ? 'tooOld'
    : { ...queued, message: { ...message, time_to_live: timeToLiveSeconds }, repeated: true };
}

interface Replaying {
  readonly letter: PublishedDeadLetter;
  readonly queued: QueuedMessage;
  /** Of what is queued: a new time to live is another content, and the worker compares. */
  readonly contentHash: string;
  readonly nowMs: number;
  /** 0 ≤ x < 1 */
  readonly share: number;
}

/**
 * What FCM may have is opened as `sent`. What has not ended is opened only for a new time to live, and stays what it
 * is.
 */
function openedState({ state, attempts }: MessageRecord): MessageState {
  if (state === 'unknown') return 'sent';
  if (state === 'dead') return attempts > 0 ? 'sent' : 'queued';
  return state;
}

/**
 * `error` goes: the next worker would go on with the wait that it stands for. A cancel that was asked for stays, and is
 * honoured.
 */
const openingOf = (record: MessageRecord, { letter, queued, contentHash, nowMs, share }: Replaying): RecordChange => ({
  state: openedState(record),
  error: undefined,
  errorDescription: undefined,
  settledAtMs: undefined,
  timeToLiveSeconds: queued.message.time_to_live,
  contentHash,
  // Of several letters the last one settled it: those before it are done with too.
  replayedToMs: Math.max(letter.publishedAtMs, record.settledAtMs ?? 0),
  updatedAtMs: nowMs,
  expireAtMs: expireAtMs(record.createdAtMs, queued.message.time_to_live, share),
});
