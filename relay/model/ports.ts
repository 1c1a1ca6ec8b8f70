import type { Priority } from '../protocol/legacy/message.ts';
import type { QueuedMessage } from '../protocol/queue/queued.ts';
import type { RelayEvent } from './event.ts';
import type { DeliveryRecord, MessageRecord, RecordChange, RegistrationRecord } from './record.ts';

/**
 * What the relay needs from outside. Every implementation, memory and real, passes the contract suites in
 * test/contract. Each call takes one item; adapters batch behind the scenes. A rejection means the outcome is unknown:
 * the caller retries, and every write is safe to repeat.
 */
export interface MessageKey {
  readonly senderId: string;
  readonly messageId: string;
}

/** Opaque: returned by a read or write, and passed back with a conditional change. */
export type Version = string & { readonly __brand: 'Version' };

export interface StoredMessage {
  readonly record: MessageRecord;
  readonly version: Version;
}

export interface MessageStore {
  read(key: MessageKey): Promise<StoredMessage | undefined>;
  /** `exists`: there is a document already; nothing was changed. */
  create(
    key: MessageKey,
    record: MessageRecord,
  ): Promise<{ outcome: 'created'; version: Version } | { outcome: 'exists' }>;
  /**
   * Changes the document if it is still at `version`. `conflict`: it has been changed or removed; nothing was written.
   */
  update(
    key: MessageKey,
    version: Version,
    change: RecordChange,
  ): Promise<{ outcome: 'written'; version: Version } | { outcome: 'conflict' }>;
}

/** For the worker: reads only the fields a delivery needs. */
export interface DeliveryStore extends Pick<MessageStore, 'create' | 'update'> {
  read(key: MessageKey): Promise<StoredDelivery | undefined>;
}

export interface StoredDelivery {
  readonly record: DeliveryRecord;
  readonly version: Version;
}

/** For the sweep: unsettled messages (`queued`, `sent`), in pages by document id. */
export interface UnsettledMessages {
  page(
    senderId: string,
    afterMessageId: string | undefined,
    limit: number,
  ): Promise<readonly (StoredMessage & { messageId: string })[]>;
}

/** For the sweep: a lane subscription's unacked messages, leased or waiting. */
export interface LaneBacklog {
  /**
   * Publish time of the oldest one, in milliseconds since 1970 by Pub/Sub's clock; now, if there is none. `undefined`:
   * unknown, and nothing may be concluded.
   */
  oldestAtMs(senderId: string, lane: Priority): Promise<number | undefined>;
}

/** What one sweep hands to the next. */
export interface SweepProgress {
  /** Where it stopped; absent: start at the beginning. */
  readonly afterMessageId?: string;
  /** Messages perhaps settled, whose events may not have been published. */
  readonly unpublished: readonly string[];
}

export interface SweepProgressStore {
  load(senderId: string): Promise<SweepProgress>;
  save(senderId: string, progress: SweepProgress): Promise<void>;
}

export interface RegistrationStore {
  mark(senderId: string, tokenHash: string, record: RegistrationRecord): Promise<void>;
}

/** The queue per sender and priority. Resolves when Pub/Sub has the message. */
export interface DownstreamQueue {
  enqueue(queued: QueuedMessage): Promise<void>;
}

/** `fcm-downstream-requests`: raw requests. Resolves when Pub/Sub has it. */
export interface RequestTopic {
  submit(request: Uint8Array, attributes: Readonly<Record<string, string>>): Promise<void>;
}

export interface EventPublisher {
  /** Resolves when Pub/Sub has it. */
  publish(event: RelayEvent): Promise<void>;
}

/** A message that could not be handled, payload intact, for replay. */
export interface DeadLetter {
  readonly payload: Uint8Array;
  /** Stable, for programs: `NOT_JSON`, `INVALID_REQUEST`, `UNKNOWN_VERSION`, … */
  readonly reason: string;
  /** For people; never a token or payload. At most 1024 bytes are kept. */
  readonly detail: string;
  /** The topic or subscription it came from. */
  readonly origin: string;
  readonly messageId?: string;
  readonly senderId?: string;
  /** The message's own attributes: a replay restores them. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A letter read from the topic, where anyone who may publish there could have put it. */
export interface ReceivedDeadLetter extends DeadLetter {
  /** `relay`: the letter is our own. `queue`: its payload is an envelope we put into a lane. */
  readonly signedBy: { readonly relay: boolean; readonly queue: boolean };
}

export interface PublishedDeadLetter extends ReceivedDeadLetter {
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
}

export interface DeadLetters {
  put(letter: DeadLetter): Promise<void>;
}
