import { isOwner } from '../../model/owner.ts';
import { documentOf } from '../../model/message.ts';
import type { Agenda } from '../turn/agenda.ts';
import { backoffMs } from '../turn/backoff.ts';
import type { RelayConfig } from '../turn/config.ts';
import type { Delivery } from './delivery.ts';
import type { Version } from '../../model/ports.ts';
import type { DeliveryRecord, MessageRecord } from '../../model/record.ts';
import type { KeyedHash } from '../../model/token-hash.ts';
import type { Shared } from '../turn/shared.ts';
import type { Turn } from '../turn/turn.ts';

/** The owner of a document that the worker made, where the queue names none. */
const NO_OWNER = 'system:queue';

/**
 * The document of one delivery: what is known of it, and one read or write of it at a time. Every write is conditional
 * on what was read, so nothing that another process wrote is ever overwritten unseen.
 */
export class Storage {
  readonly #config: RelayConfig;
  readonly #turn: Turn;
  readonly #agenda: Agenda;
  readonly #hash: KeyedHash;

  constructor({ config, turn, agenda, hash }: Shared) {
    this.#config = config;
    this.#turn = turn;
    this.#agenda = agenda;
    this.#hash = hash;
  }

  /**
   * Reads the document, or makes this change to it once what is known is up to date. Nothing while an operation is
   * under way.
   */
  pursue(delivery: Delivery, change: DeliveryRecord | undefined): void {
    if (delivery.busy) return;
    delivery.busy = true;
    const { messageId, known } = delivery;
    if (known === undefined || delivery.stale || change === undefined) {
      delivery.readAtMs = this.#turn.nowMs;
      this.#turn.emit({ kind: 'read', messageId });
      return;
    }
    delivery.pursued = change;
    if (change.state === 'sent') delivery.markedAtMs = change.updatedAtMs;
    if (known.version === undefined)
      this.#turn.emit({ kind: 'create', messageId, record: created(this.#blank(delivery), change) });
    else this.#turn.emit({ kind: 'write', messageId, version: known.version, change });
  }

  wasRead(delivery: Delivery, record: DeliveryRecord | undefined, version: Version | undefined): void {
    this.#done(delivery);
    delivery.stale = false;
    delivery.known = { record, version };
  }

  wasWritten(delivery: Delivery, record: DeliveryRecord, version: Version): void {
    this.#done(delivery);
    delivery.known = { record, version };
  }

  /** Somebody else changed it: read again before the next write. */
  hasConflict(delivery: Delivery): void {
    this.#done(delivery);
    delivery.stale = true;
    delivery.markedAtMs = undefined; // another's mark may bear the very same time
  }

  /** The outcome is unknown: wait, then go on with `again`, which reads first. */
  hasFailed(delivery: Delivery, again: () => void): void {
    delivery.busy = false;
    delivery.stale = true;
    delivery.storeFailures++;
    this.#turn.note({ kind: 'storeFailed', messageId: delivery.messageId, failures: delivery.storeFailures });
    const delayMs = backoffMs(this.#config.store, delivery.storeFailures, this.#turn.random());
    this.#agenda.at(this.#turn.nowMs + delayMs, again);
  }

  #blank({ message }: Delivery): MessageRecord {
    const { acceptedAtMs, owner } = message;
    const making = { hash: this.#hash, now: () => acceptedAtMs, random: () => this.#turn.random() };
    return documentOf(making, message, owner !== undefined && isOwner(owner) ? owner : NO_OWNER);
  }

  #done(delivery: Delivery): void {
    delivery.busy = false;
    delivery.storeFailures = 0;
    delivery.pursued = undefined;
  }
}

/** A new document has no field that is `undefined`. */
const created = (blank: MessageRecord, change: DeliveryRecord): MessageRecord =>
  Object.fromEntries(
    Object.entries({ ...blank, ...change }).filter(([, value]) => value !== undefined),
  ) as unknown as MessageRecord;
