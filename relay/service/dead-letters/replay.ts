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
 * The one way out of a terminal state: an operator replays a dead letter.
 * 1. The document, `dead` (or `unknown`, with `force`), is reopened by a conditional write: of two replays one wins.
 * 2. The message goes back to its lane under its own id.
 * 3. The letter is acked.
 * A crash in between leaves a letter whose replay can be repeated: `replayedToMs` shows that the document was reopened
 * for it, and a second copy in the lane is harmless. A message that was ever sent is reopened as `sent`, since only an
 * unsent one may be cancelled. A replay signs, so it puts into a lane only what the relay had queued itself; anything
 * else is submitted as a request and validated again.
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
  /** Back to its lane; `opening` reopens its document first. */
  | { readonly action: 'queue'; readonly key: MessageKey; readonly queued: QueuedMessage; readonly opening?: Opening }
  /** Not a queue message: submitted as a request. If it is still invalid it becomes a dead letter again. */
  | { readonly action: 'request' }
  /** Replayed before and settled since: only the letter is removed. */
  | { readonly action: 'finish'; readonly state: MessageState }
  | { readonly action: 'leave'; readonly why: LeftReason; readonly state?: MessageState };

export type LeftReason =
  'expired' | 'tooOld' | 'notDead' | 'maybeTaken' | 'notSigned' | 'otherMessage' | 'newer' | 'empty' | 'strangers';

export interface Opening {
  readonly version: Version;
  readonly change: RecordChange;
}

export interface ReplayOptions {
  /** For expired messages; absent: they are left. */
  readonly newTtlSeconds?: number | undefined;
  /** Also replays messages FCM may have (`unknown`), and requests whose dead letter the relay did not write. */
  readonly force?: boolean;
}

/** What a replay would do now. Only reads. */
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
 * Not an envelope of a known version. Pub/Sub refuses a message with neither data nor attributes. Anyone who may
 * publish dead letters could have put it there to send in our name, so it needs our signature or `force`; a request
 * that Pub/Sub itself dead-lettered is unsigned too.
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

/** The message with the time to live that an earlier replay of this letter gave it. */
function asOpened(value: QueuedMessage, { letter, stored }: Found): QueuedMessage {
  const { replayedToMs, timeToLiveSeconds = 0 } = stored?.record ?? {};
  if (replayedToMs === undefined || letter.publishedAtMs > replayedToMs) return value;
  return { ...value, message: { ...value.message, time_to_live: timeToLiveSeconds } };
}

/** Decides as a worker does: `undefined` if the envelope is ours and the document, if any, is its own. */
function doubtOf(hashes: Hashes, { version, value }: Decoded, { letter, stored }: Found): LeftReason | undefined {
  const contentHash = stored?.record.contentHash;
  const { queue: signed } = letter.signedBy;
  if (contentHash === undefined) return signed ? undefined : 'notSigned';
  if (!signed && version !== 1) return 'notSigned';
  if (isContentOf(hashes, value, contentHash)) return undefined;
  return signed ? 'otherMessage' : 'notSigned';
}

/** Dead-lettered by a worker that lacked the signing key: its document was not touched and still waits. */
const wasNeverTaken = ({ reason, signedBy }: PublishedDeadLetter, { state }: MessageRecord): boolean =>
  reason === NOT_SIGNED.reason && signedBy.relay && !isTerminal(state);

/** Whether the letter can be acked now. Rejects when the outcome is unknown: to be repeated. */
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
 * Marked as a copy, with time left to live. `time_to_live` counts from the acceptance, so a new one includes the time
 * passed since.
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
  /** Of what is queued: a new time to live changes the content, and the worker compares it. */
  readonly contentHash: string;
  readonly nowMs: number;
  /** 0 ≤ x < 1 */
  readonly share: number;
}

/**
 * A message FCM may have is reopened as `sent`. One that has not settled is changed only for a new time to live, and
 * keeps its state.
 */
function openedState({ state, attempts }: MessageRecord): MessageState {
  if (state === 'unknown') return 'sent';
  if (state === 'dead') return attempts > 0 ? 'sent' : 'queued';
  return state;
}

/**
 * Clears `error`, or the next worker would resume the delay it stands for. A requested cancel stays and is honoured.
 */
const openingOf = (record: MessageRecord, { letter, queued, contentHash, nowMs, share }: Replaying): RecordChange => ({
  state: openedState(record),
  error: undefined,
  errorDescription: undefined,
  settledAtMs: undefined,
  timeToLiveSeconds: queued.message.time_to_live,
  contentHash,
  // Of several letters the last one settled it: the earlier ones are replayed too.
  replayedToMs: Math.max(letter.publishedAtMs, record.settledAtMs ?? 0),
  updatedAtMs: nowMs,
  expireAtMs: expireAtMs(record.createdAtMs, queued.message.time_to_live, share),
});
