import type { Priority } from '../protocol/legacy/message.ts';
import type { QueuedMessage } from '../protocol/queue/queued.ts';
import type { RelayEvent } from './event.ts';
import type { DeliveryRecord, MessageRecord, RecordChange, RegistrationRecord } from './record.ts';

/**
 * What the core needs of the world. Every implementation is held to the contract suites in test/contract, memory and
 * real alike. All of them take one thing at a time and group behind the scenes: one RPC carries many. A rejected
 * promise means "nobody knows whether it happened": the caller repeats, and every write is safe to repeat.
 */
export interface MessageKey {
  readonly senderId: string;
  readonly messageId: string;
}

/** Opaque: what the store hands out on a read or write and wants back on a conditional change. */
export type Version = string & { readonly __brand: 'Version' };

export interface StoredMessage {
  readonly record: MessageRecord;
  readonly version: Version;
}

export interface MessageStore {
  read(key: MessageKey): Promise<StoredMessage | undefined>;
  /** `exists` when there is a document already: nothing was changed. */
  create(
    key: MessageKey,
    record: MessageRecord,
  ): Promise<{ outcome: 'created'; version: Version } | { outcome: 'exists' }>;
  /**
   * Changes the document if it still stands at `version`; `conflict` when it was changed or removed since: nothing was
   * written.
   */
  update(
    key: MessageKey,
    version: Version,
    change: RecordChange,
  ): Promise<{ outcome: 'written'; version: Version } | { outcome: 'conflict' }>;
}

/** For the worker: of a document it reads only what a delivery asks for. */
export interface DeliveryStore extends Pick<MessageStore, 'create' | 'update'> {
  read(key: MessageKey): Promise<StoredDelivery | undefined>;
}

export interface StoredDelivery {
  readonly record: DeliveryRecord;
  readonly version: Version;
}

/** For the sweep: the messages that have not settled (`queued`, `sent`), in pages by document id. */
export interface UnsettledMessages {
  page(
    senderId: string,
    afterMessageId: string | undefined,
    limit: number,
  ): Promise<readonly (StoredMessage & { messageId: string })[]>;
}

/** For the sweep: what a lane's subscription has not acked, leased or waiting. */
export interface LaneBacklog {
  /**
   * When the oldest of it was published, in milliseconds since 1970 by Pub/Sub's clock; now, when there is none.
   * `undefined`: it cannot be told, and nothing may be concluded.
   */
  oldestAtMs(senderId: string, lane: Priority): Promise<number | undefined>;
}

/** What one sweep leaves to the next. */
export interface SweepProgress {
  /** Where it stopped; absent: the next one begins at the beginning. */
  readonly afterMessageId?: string;
  /** Messages whose end may have been recorded but not told. */
  readonly unpublished: readonly string[];
}

export interface SweepProgressStore {
  load(senderId: string): Promise<SweepProgress>;
  save(senderId: string, progress: SweepProgress): Promise<void>;
}

export interface RegistrationStore {
  mark(senderId: string, tokenHash: string, record: RegistrationRecord): Promise<void>;
}

/** The per-sender, per-priority queue. Resolves when Pub/Sub has it. */
export interface DownstreamQueue {
  enqueue(queued: QueuedMessage): Promise<void>;
}

/** `fcm-downstream-requests`: requests as their publishers hand them in. Resolves when Pub/Sub has it. */
export interface RequestTopic {
  submit(request: Uint8Array, attributes: Readonly<Record<string, string>>): Promise<void>;
}

export interface EventPublisher {
  /** Resolves when Pub/Sub has it. */
  publish(event: RelayEvent): Promise<void>;
}

/** What could not be handled, payload intact, for replay. */
export interface DeadLetter {
  readonly payload: Uint8Array;
  /** Stable, for programs: `NOT_JSON`, `INVALID_REQUEST`, `UNKNOWN_VERSION`, … */
  readonly reason: string;
  /** For people; never a token or payload. At most 1024 bytes are kept. */
  readonly detail: string;
  /** The topic or subscription that it came from. */
  readonly origin: string;
  readonly messageId?: string;
  readonly senderId?: string;
  /** What the message came with: a replay restores it. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A letter as it stands on the topic, where anybody who may publish there could have put it. */
export interface ReceivedDeadLetter extends DeadLetter {
  /** `relay`: it says what we said. `queue`: its payload is an envelope that we put into a lane. */
  readonly signedBy: { readonly relay: boolean; readonly queue: boolean };
}

export interface PublishedDeadLetter extends ReceivedDeadLetter {
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
}

export interface DeadLetters {
  put(letter: DeadLetter): Promise<void>;
}
