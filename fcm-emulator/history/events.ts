/** What happens in the emulator, as the control API's event stream reports it. */
export type EmulatorEvent =
  | { readonly type: 'connectionOpened'; readonly connection: string }
  | { readonly type: 'connectionBound'; readonly connection: string; readonly sender: string }
  | { readonly type: 'connectionDraining'; readonly connection: string }
  | { readonly type: 'connectionClosed'; readonly connection: string; readonly reason: string }
  | { readonly type: 'authRefused'; readonly connection: string; readonly sender: string; readonly reason: string }
  | { readonly type: 'streamError'; readonly connection: string; readonly condition: string; readonly reason: string }
  | { readonly type: 'downstream'; readonly connection: string; readonly messageId: string; readonly answer: string }
  | { readonly type: 'delivered'; readonly token: string; readonly messageId: string }
  | { readonly type: 'upstreamSent'; readonly connection: string; readonly messageId: string }
  | { readonly type: 'upstreamAcked'; readonly connection: string; readonly messageId: string }
  | { readonly type: 'upstreamExpired'; readonly messageId: string }
  | { readonly type: 'foreignAck'; readonly connection: string; readonly messageId: string }
  | { readonly type: 'fault'; readonly connection: string; readonly messageId: string; readonly fault: string };

/** The client made a mistake and was told so. */
export type RefusalEvent = Extract<EmulatorEvent, { readonly type: 'authRefused' | 'streamError' }>;

export type TimedEvent = EmulatorEvent & { readonly at: number };

export class Events {
  readonly #now: () => number;
  readonly #listeners = new Set<(event: TimedEvent) => void>();
  readonly #refusalListeners = new Set<(event: TimedEvent) => void>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a function: at tens of thousands of messages a second, an event without a listener is not even built. */
  emit(make: () => EmulatorEvent): void {
    if (this.#listeners.size === 0) return;
    const event: TimedEvent = { ...make(), at: this.#now() };
    for (const listener of this.#listeners) listener(event);
  }

  emitRefusal(make: () => RefusalEvent): void {
    const event: TimedEvent = { ...make(), at: this.#now() };
    for (const listener of [...this.#listeners, ...this.#refusalListeners]) listener(event);
  }

  listen(listener: (event: TimedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Unlike `listen`, costs nothing per message. */
  listenToRefusals(listener: (event: TimedEvent) => void): () => void {
    this.#refusalListeners.add(listener);
    return () => this.#refusalListeners.delete(listener);
  }
}
