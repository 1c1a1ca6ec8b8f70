/** What may be a mistyped sender id; server keys have 39 or 152 characters. */
const PLAUSIBLE_ID = /^[\w.-]{1,24}$/;

/** The sender ids that may log in, and their server keys. */
export class Senders {
  readonly #keys: Readonly<Record<string, string>>;

  /** @param keys server keys by sender id */
  constructor(keys: Readonly<Record<string, string>>) {
    this.#keys = keys;
  }

  /** Why these credentials are refused; undefined when they are accepted. */
  refusal(senderId: string, key: string): string | undefined {
    if (!this.#isKnown(senderId))
      return `unknown sender ${this.forLog(senderId)}; known: ${Object.keys(this.#keys).join(', ')}`;
    return this.#keys[senderId] === key ? undefined : `wrong server key for sender ${senderId}`;
  }

  /** The sender id, masked if it may be a server key that the client sent in the wrong place. */
  forLog(senderId: string): string {
    if (this.#isKnown(senderId)) return senderId;
    if (Object.values(this.#keys).includes(senderId)) return '(a server key)';
    return PLAUSIBLE_ID.test(senderId) || senderId === '' ? senderId : `(${senderId.length} characters)`;
  }

  #isKnown(senderId: string): boolean {
    return Object.hasOwn(this.#keys, senderId);
  }
}
