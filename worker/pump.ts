import type { Effect } from '../relay/machine/turn/effect.ts';
import type { Input, Lease } from '../relay/machine/turn/input.ts';
import type { Note } from '../relay/machine/turn/note.ts';
import type { DeliveryStore, EventPublisher, RegistrationStore, Version } from '../relay/model/ports.ts';
import type { Relay } from '../relay/machine/relay.ts';
import type { PulledMessage } from '../relay/adapters/pubsub/lane-source.ts';
import type { Link, LinkReport, Transport } from '../relay/model/link.ts';
import { messageOf } from '../relay/model/message.ts';
import type { Priority } from '../relay/protocol/legacy/message.ts';
import type { QueuedMessage } from '../relay/protocol/queue/queued.ts';

const CLOSE_GRACE_MS = 1_000;

/** A leased message, as far as the pump has to do with it. */
export type Leased = Pick<PulledMessage, 'data' | 'attributes' | 'deliveryAttempt' | 'ack' | 'nack'>;

export interface PumpParts {
  readonly relay: Pick<Relay, 'on'>;
  readonly senderId: string;
  readonly messages: DeliveryStore;
  readonly registrations: RegistrationStore;
  readonly events: EventPublisher;
  /** Puts a message that ended as `dead` here into the dead-letter topic; resolves when Pub/Sub has it. */
  readonly deadLetter: (
    message: Leased,
    letter: { lane: Priority; messageId: string; reason: string; detail: string },
  ) => Promise<void>;
  /** Taking messages from the lanes; what is held stays leased. */
  readonly pulls: { pause(): void; resume(): void };
  readonly connect: Transport['connect'];
  readonly observe: (note: Note) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Acts once, as soon as what runs now is done. What comes in until then is one turn of the machine. */
  readonly soon: (act: () => void) => void;
  /** Acts once, after the delay. Returns what cancels it. */
  readonly wakeAfter: (delayMs: number, act: () => void) => () => void;
  /** A defect of our own: the machine's state cannot be trusted any more. */
  readonly onDefect: (error: unknown) => void;
}

/** Feeds the relay machine with inputs and performs its effects. It decides nothing. */
export class Pump {
  readonly #parts: PumpParts;
  readonly #leases = new Map<Lease, { readonly message: Leased; readonly lane: Priority }>();
  /** By the name of their connection. */
  readonly #links = new Map<string, Link>();
  #inputs: Input[] = [];
  #drained: () => void = () => undefined;
  #lastLease = 0;
  #cancelWake: () => void = () => undefined;

  constructor(parts: PumpParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#feed({ kind: 'woke' });
  }

  /** A valid message of a lane. Its lease is answered when the message has come to its end. */
  pulled(message: Leased, lane: Priority, queued: QueuedMessage): void {
    const lease = ++this.#lastLease;
    this.#leases.set(lease, { message, lane });
    this.#feed({
      kind: 'pulled',
      lease,
      lane,
      message: messageOf(queued),
      deliveryAttempt: message.deliveryAttempt,
    });
  }

  /** Resolves when nothing is held any more; what is unanswered after `withinMs` has gone back to Pub/Sub. */
  async stop(withinMs: number): Promise<void> {
    const drained = new Promise<void>((resolve) => (this.#drained = resolve));
    this.#feed({ kind: 'stop', withinMs });
    await drained;
    await Promise.all([...this.#links.values()].map((link) => link.close(CLOSE_GRACE_MS)));
    this.destroy();
  }

  /** At once: no timer and no connection is left. */
  destroy(): void {
    this.#cancelWake();
    for (const link of this.#links.values()) link.destroy();
  }

  /**
   * What comes in together is one turn: the reports of a chunk, the answers to an RPC, the results of a turn's effects.
   */
  #feed(input: Input): void {
    this.#inputs.push(input);
    if (this.#inputs.length === 1) this.#parts.soon(() => this.#turn());
  }

  #turn(): void {
    const inputs = this.#inputs;
    this.#inputs = [];
    try {
      for (const effect of this.#parts.relay.on(inputs, this.#parts.now())) this.#perform(effect);
    } catch (error) {
      this.#parts.onDefect(error);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        return this.#links.get(effect.connection)?.send(effect.message, effect.ttlSeconds);
      case 'ackUpstream':
        return this.#links.get(effect.connection)?.ackUpstream(effect.from, effect.messageId);
      case 'abandon':
        return this.#links.get(effect.connection)?.abandon(effect.messageId);
      case 'ping':
        return this.#links.get(effect.connection)?.ping();
      case 'close':
        return void this.#links.get(effect.connection)?.close(CLOSE_GRACE_MS);
      case 'destroy':
        return this.#links.get(effect.connection)?.destroy();
      case 'note':
        return this.#parts.observe(effect.note);
      case 'read':
      case 'create':
      case 'write':
        return this.#store(effect);
      case 'announce':
      case 'publish':
        return this.#publish(effect);
      case 'ackLease':
        return this.#takeLease(effect.lease)?.ack();
      case 'releaseLease':
        return this.#takeLease(effect.lease)?.nack();
      case 'connect':
        return this.#connect(effect.connection);
      case 'wake':
        return this.#wakeAt(effect.atMs);
      case 'pausePulls':
        return this.#parts.pulls.pause();
      case 'resumePulls':
        return this.#parts.pulls.resume();
      case 'drained':
        return this.#drained();
      default:
        return effect satisfies never;
    }
  }

  #store(effect: Extract<Effect, { kind: 'read' | 'create' | 'write' }>): void {
    const { messages, senderId } = this.#parts;
    const { messageId } = effect;
    const key = { senderId, messageId };
    const failed = (): void => this.#feed({ kind: 'storeFailed', messageId });
    const stored = (version: Version | undefined): void =>
      this.#feed(version === undefined ? { kind: 'conflicted', messageId } : { kind: 'written', messageId, version });
    switch (effect.kind) {
      case 'read':
        return void messages.read(key).then((found) => this.#feed({ kind: 'read', messageId, stored: found }), failed);
      case 'create':
        return void messages
          .create(key, effect.record)
          .then((answer) => stored(answer.outcome === 'created' ? answer.version : undefined), failed);
      case 'write':
        return void messages
          .update(key, effect.version, effect.change)
          .then((answer) => stored(answer.outcome === 'written' ? answer.version : undefined), failed);
    }
  }

  #publish(effect: Extract<Effect, { kind: 'announce' | 'publish' }>): void {
    const { events, registrations, deadLetter, senderId } = this.#parts;
    if (effect.kind === 'publish') {
      const { key } = effect;
      events.publish(effect.event).then(
        () => this.#feed({ kind: 'published', key }),
        () => this.#feed({ kind: 'publishFailed', key }),
      );
      return;
    }
    const { messageId, registration, letter } = effect;
    const all: Promise<void>[] = effect.events.map((event) => events.publish(event));
    if (registration !== undefined) all.push(registrations.mark(senderId, registration.tokenHash, registration.record));
    const leased = letter && this.#leases.get(letter.lease);
    if (letter && leased)
      all.push(
        deadLetter(leased.message, { lane: leased.lane, messageId, reason: letter.reason, detail: letter.detail }),
      );
    together(all).then(
      () => this.#feed({ kind: 'announced', messageId }),
      () => this.#feed({ kind: 'announceFailed', messageId }),
    );
  }

  #connect(id: string): void {
    this.#links.set(
      id,
      this.#parts.connect((report) => this.#reported(id, report)),
    );
  }

  #reported(connection: string, report: LinkReport): void {
    if (report.kind === 'closed') this.#links.delete(connection);
    this.#feed({ kind: 'link', connection, report });
  }

  #takeLease(lease: Lease): Leased | undefined {
    const leased = this.#leases.get(lease);
    this.#leases.delete(lease);
    return leased?.message;
  }

  #wakeAt(atMs: number): void {
    this.#cancelWake();
    this.#cancelWake = this.#parts.wakeAfter(Math.max(0, atMs - this.#parts.now()), () => this.#feed({ kind: 'woke' }));
  }
}

/** Nearly every message has one event: then there is nothing to gather. */
function together(all: readonly Promise<void>[]): Promise<unknown> {
  const [first] = all;
  return first !== undefined && all.length === 1 ? first : Promise.all(all);
}
