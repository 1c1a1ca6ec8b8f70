import type { Downstream } from './validation.ts';

/** A message kept for a device that is offline, and when it expires. */
export interface Stored {
  readonly message: Downstream;
  readonly sender: string;
  readonly expiresAt: number;
}

const MAX_COLLAPSE_KEYS = 4;
const MAX_STORED = 100;

/**
 * What CCS keeps for one offline device (protocol §8): the last message of at most 4 collapse keys (a fifth drops the
 * key that waits longest: our choice, FCM promises nothing), and at most 100 others; one more than that drops all of
 * those, and the device is told so when it is back.
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
    this.#collapsible.delete(key); // to the end: the order is that of the last message
    this.#collapsible.set(key, stored);
    for (const oldest of this.#collapsible.keys()) {
      if (this.#collapsible.size <= MAX_COLLAPSE_KEYS) break;
      this.#collapsible.delete(oldest);
    }
  }

  /** Empties the box: what has not expired, and whether messages were deleted. */
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
