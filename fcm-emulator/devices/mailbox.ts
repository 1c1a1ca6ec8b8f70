import type { DownstreamMessage } from './message.ts';

/** A message stored for an offline device. */
export interface Stored {
  readonly message: DownstreamMessage;
  readonly sender: string;
  readonly expiresAt: number;
}

const MAX_COLLAPSE_KEYS = 4;
const MAX_STORED = 100;

/**
 * What FCM stores for one offline device (protocol §8): the last message of each of at most 4 collapse keys, and at
 * most 100 other messages. A fifth key drops the one updated longest ago (our choice: FCM promises nothing); a 101st
 * message drops all 100, and the device learns of it when it reconnects.
 */
export class Mailbox {
  readonly #collapsible = new Map<string, Stored>();
  #others: Stored[] = [];
  #overflowed = false;

  get size(): number {
    return this.#collapsible.size + this.#others.length;
  }

  store(stored: Stored): void {
    const key = stored.message.collapseKey;
    if (key === undefined) return this.#storeOther(stored);
    this.#collapsible.delete(key); // re-inserted at the end: keys are in the order of their last messages
    this.#collapsible.set(key, stored);
    for (const oldest of this.#collapsible.keys()) {
      if (this.#collapsible.size <= MAX_COLLAPSE_KEYS) break;
      this.#collapsible.delete(oldest);
    }
  }

  /** Empties the mailbox. `deleted`: messages were dropped for lack of room. */
  take(now: number): { readonly messages: Stored[]; readonly deleted: boolean } {
    const messages = [...this.#others, ...this.#collapsible.values()].filter(({ expiresAt }) => expiresAt > now);
    const deleted = this.#overflowed;
    this.#others = [];
    this.#collapsible.clear();
    this.#overflowed = false;
    return { messages, deleted };
  }

  #storeOther(stored: Stored): void {
    this.#others.push(stored);
    if (this.#others.length <= MAX_STORED) return;
    this.#others = [];
    this.#overflowed = true;
  }
}
