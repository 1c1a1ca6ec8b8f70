/** What may be a sender id that somebody mistyped; server keys have 39 characters or 152. */
const PLAUSIBLE_ID = /^[\w.-]{1,24}$/;

/** Who may log in, and with which server key. */
export class Senders {
  readonly #keys: Readonly<Record<string, string>>;

  /** Server keys by sender id. */
  constructor(keys: Readonly<Record<string, string>>) {
    this.#keys = keys;
  }

  /** Why these credentials are no good; undefined when they are. */
  objection(senderId: string, key: string): string | undefined {
    if (!this.#knows(senderId))
      return `unknown sender ${this.shown(senderId)}; known: ${Object.keys(this.#keys).join(', ')}`;
    return this.#keys[senderId] === key ? undefined : `wrong server key for sender ${senderId}`;
  }

  /** For logs, which never show a key: not even where a client has sent it in the place of its sender id. */
  shown(senderId: string): string {
    if (this.#knows(senderId)) return senderId;
    if (Object.values(this.#keys).includes(senderId)) return '(a server key)';
    return PLAUSIBLE_ID.test(senderId) || senderId === '' ? senderId : `(${senderId.length} characters)`;
  }

  #knows(senderId: string): boolean {
    return Object.hasOwn(this.#keys, senderId);
  }
}
