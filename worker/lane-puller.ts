import { isContentOf } from '../relay/model/content-hash.ts';
import type { DeadLetters, DeliveryStore } from '../relay/model/ports.ts';
import type { LaneSource, PulledMessage } from '../relay/adapters/pubsub/lane-source.ts';
import { admissionOf, NOT_SIGNED, type Rejection } from '../relay/service/queue/admission.ts';
import type { Signer } from '../relay/model/signer.ts';
import type { Hashes } from '../relay/model/token-hash.ts';
import type { Priority } from '../relay/protocol/legacy/message.ts';
import type { QueuedMessage } from '../relay/protocol/queue/queued.ts';
import type { Log } from './observe/log.ts';
import type { Metrics } from './observe/metrics.ts';
import { LANE_PAUSE_MS, NewerVersions } from './observe/newer-versions.ts';
import type { Pump } from './pump.ts';

export interface Lane {
  readonly priority: Priority;
  readonly subscription: string;
  readonly source: LaneSource;
}

export interface LanePullerParts {
  readonly senderId: string;
  readonly pump: Pick<Pump, 'pulled'>;
  /** queueSigner */
  readonly signer: Signer;
  readonly hashes: Hashes;
  readonly documents: Pick<DeliveryStore, 'read'>;
  readonly deadLetters: DeadLetters;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'pulled' | 'poisoned' | 'anomaly'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls `act` once, after the delay. Returns a function that cancels it. */
  readonly wakeAfter: (delayMs: number, act: () => void) => () => void;
}

/** Why a lane is not pulled: its messages are newer than this worker, or there is no connection to send them on. */
export type Pause = 'newerVersion' | 'noConnection';

/**
 * Pulls a lane: valid messages go to the pump, unsigned or unusable ones to the dead-letter topic, newer ones back to
 * Pub/Sub.
 */
export class LanePuller {
  readonly #lane: Lane;
  readonly #parts: LanePullerParts;
  readonly #newer = new NewerVersions();
  #takeBackResume: () => void = () => undefined;
  readonly #pauses = new Set<Pause>();
  #stopped = false;

  constructor(lane: Lane, parts: LanePullerParts) {
    this.#lane = lane;
    this.#parts = parts;
  }

  start(): void {
    if (this.#pauses.size > 0) return; // resume() will start it
    this.#lane.source.start((message) => this.#admit(message));
  }

  /** Pulls no more until every pause is over. Held messages stay leased. */
  pause(why: Pause): void {
    if (this.#pauses.size === 0 && !this.#stopped) this.#lane.source.stop();
    this.#pauses.add(why);
  }

  resume(why: Pause): void {
    if (this.#pauses.delete(why) && this.#pauses.size === 0 && !this.#stopped) this.start();
  }

  /** For good. Held messages stay leased. */
  stop(): void {
    this.#stopped = true;
    this.#takeBackResume();
    this.#lane.source.stop();
  }

  #admit(message: PulledMessage): void {
    const { pump, metrics } = this.#parts;
    const { priority } = this.#lane;
    metrics.pulled(priority);
    const admission = admissionOf(this.#parts, message.data, message.attributes['mac']);
    if (admission.outcome === 'handBack') return this.#handBack(message, admission.detail);
    this.#newer.known();
    switch (admission.outcome) {
      case 'take':
        return pump.pulled(message, priority, admission.queued);
      case 'check':
        return void this.#check(message, admission.queued);
      case 'deadLetter':
        return void this.#deadLetter(message, admission);
      default:
        return admission satisfies never;
    }
  }

  /** A version 1 envelope has no signature: only its document proves that it is ours. */
  async #check(message: PulledMessage, queued: QueuedMessage): Promise<void> {
    const { documents, hashes, pump, metrics } = this.#parts;
    const {
      senderId,
      message: { message_id: messageId },
    } = queued;
    try {
      const contentHash = (await documents.read({ senderId, messageId }))?.record.contentHash;
      const isOurs = contentHash !== undefined && isContentOf(hashes, queued, contentHash);
      if (isOurs) pump.pulled(message, this.#lane.priority, queued);
      else await this.#deadLetter(message, NOT_SIGNED);
    } catch {
      message.nack(); // unknown for now; Pub/Sub redelivers it
      metrics.anomaly('storeFailed');
    }
  }

  #handBack(message: PulledMessage, detail: string): void {
    const { log, metrics, now, wakeAfter } = this.#parts;
    const { subscription } = this.#lane;
    metrics.anomaly('unknownQueueVersion');
    log('queue_message.handed_back', { detail, subscription });
    if (!this.#stopped && this.#newer.unknown(now())) {
      this.pause('newerVersion');
      metrics.anomaly('lanePaused');
      log('lane.paused', { subscription, pause_ms: LANE_PAUSE_MS });
      this.#takeBackResume = wakeAfter(LANE_PAUSE_MS, () => this.resume('newerVersion'));
    }
    message.nack(); // last: a lane that is not paused may redeliver it at once
  }

  /** Acks the message only once the dead-letter topic has it. */
  async #deadLetter(message: PulledMessage, { reason, detail, messageId }: Rejection): Promise<void> {
    const { senderId, deadLetters, log, metrics } = this.#parts;
    const { subscription: origin } = this.#lane;
    const { data: payload, attributes } = message;
    const fields = { reason, detail, message_id: messageId, subscription: origin, bytes: payload.length };
    try {
      await deadLetters.put({
        payload,
        reason,
        detail,
        origin,
        senderId,
        attributes,
        ...(messageId !== undefined && { messageId }),
      });
    } catch {
      message.nack(); // Pub/Sub keeps and redelivers it
      metrics.anomaly('deadLetterFailed');
      log('dead_letter.failed', fields);
      return;
    }
    message.ack();
    metrics.poisoned(reason);
    log(reason === NOT_SIGNED.reason ? 'queue_message.rejected' : 'queue_message.dead_lettered', fields);
  }
}
