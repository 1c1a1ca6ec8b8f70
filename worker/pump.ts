import type { Effect } from '../relay/machine/turn/effect.ts';
import type { Input, Lease } from '../relay/machine/turn/input.ts';
import type { Note } from '../relay/machine/turn/note.ts';
import type { DeliveryStore, EventPublisher, RegistrationStore, Version } from '../relay/model/ports.ts';
import type { Relay } from '../relay/machine/relay.ts';
import type { PulledMessage } from '../relay/adapters/pubsub/lane-source.ts';
import type { CcsConnection, ConnectionListener } from '../relay/adapters/xmpp/ccs-connection.ts';
import type { CloseReason } from '../relay/adapters/xmpp/close-reason.ts';
import type { Priority } from '../relay/protocol/legacy/message.ts';
import type { QueuedMessage } from '../relay/protocol/queue/queued.ts';
import { closeKindOf } from './close-kind.ts';

const PING_TIMEOUT_MS = 10_000;
const CLOSE_GRACE_MS = 1_000;
// every frame tells the core that the far end lives; bytes without a frame need not do so more often
const HEARD_EVERY_MS = 1_000;

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
  readonly connect: (listener: ConnectionListener) => CcsConnection;
  readonly observe: (note: Note) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Acts once, as soon as what runs now is done: what comes in until then makes one turn of the machine. */
  readonly soon: (act: () => void) => void;
  /** Acts once, after so long. Returns what takes that back. */
  readonly wakeAfter: (delayMs: number, act: () => void) => () => void;
  /** A defect of our own: the state of the machine cannot be trusted any more. */
  readonly onDefect: (error: unknown) => void;
}

/** Feeds the relay machine with what happens and performs what it wishes. It decides nothing. */
export class Pump {
  readonly #parts: PumpParts;
  readonly #leases = new Map<Lease, { readonly message: Leased; readonly lane: Priority }>();
  readonly #connections = new Map<string, CcsConnection>();
  #inputs: Input[] = [];
  #drained: () => void = () => undefined;
  #lastLease = 0;
  #takeBackWake: () => void = () => undefined;

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
    this.#feed({ kind: 'pulled', lease, lane, queued, deliveryAttempt: message.deliveryAttempt });
  }

  /** Resolves when nothing is held any more; what is unanswered after `withinMs` has gone back to Pub/Sub. */
  async stop(withinMs: number): Promise<void> {
    const drained = new Promise<void>((resolve) => (this.#drained = resolve));
    this.#feed({ kind: 'stop', withinMs });
    await drained;
    await Promise.all([...this.#connections.values()].map((connection) => connection.close(CLOSE_GRACE_MS)));
    this.destroy();
  }

  /** At once: no timer and no connection is left. */
  destroy(): void {
    this.#takeBackWake();
    for (const connection of this.#connections.values()) connection.destroy();
  }

  /**
   * The frames of a chunk, the answers to an RPC, what comes of performing the wishes of a turn: each lot is one turn.
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
        return this.#connections.get(effect.connection)?.send(effect.stanzaId, effect.json);
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
      case 'ping':
      case 'close':
      case 'destroy':
        return this.#tell(effect);
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
    const buried = letter && this.#leases.get(letter.lease);
    if (letter && buried)
      all.push(
        deadLetter(buried.message, { lane: buried.lane, messageId, reason: letter.reason, detail: letter.detail }),
      );
    together(all).then(
      () => this.#feed({ kind: 'announced', messageId }),
      () => this.#feed({ kind: 'announceFailed', messageId }),
    );
  }

  #connect(id: string): void {
    let heardMs = 0;
    const connection = this.#parts.connect({
      onOpen: () => this.#feed({ kind: 'opened', connection: id }),
      onFrame: (frame, length) => this.#feed({ kind: 'frame', connection: id, frame, length }),
      onHeard: () => {
        const nowMs = this.#parts.now();
        if (nowMs - heardMs < HEARD_EVERY_MS) return;
        heardMs = nowMs;
        this.#feed({ kind: 'heard', connection: id });
      },
      onClosed: (reason) => this.#closed(id, reason),
    });
    this.#connections.set(id, connection);
  }

  #closed(id: string, { kind, detail }: CloseReason): void {
    this.#connections.delete(id);
    this.#feed({ kind: 'closed', connection: id, how: closeKindOf(kind), detail: `${kind}: ${detail}` });
  }

  #tell({ kind, connection: id }: Extract<Effect, { kind: 'ping' | 'close' | 'destroy' }>): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    if (kind === 'destroy') connection.destroy();
    else if (kind === 'close') void connection.close(CLOSE_GRACE_MS);
    else {
      void connection.ping(PING_TIMEOUT_MS).then((outcome) => {
        if (outcome === 'answered') this.#feed({ kind: 'heard', connection: id });
      });
    }
  }

  #takeLease(lease: Lease): Leased | undefined {
    const leased = this.#leases.get(lease);
    this.#leases.delete(lease);
    return leased?.message;
  }

  #wakeAt(atMs: number): void {
    this.#takeBackWake();
    this.#takeBackWake = this.#parts.wakeAfter(Math.max(0, atMs - this.#parts.now()), () =>
      this.#feed({ kind: 'woke' }),
    );
  }
}

/** Of nearly every message one event is told: then there is nothing to gather. */
function together(all: readonly Promise<void>[]): Promise<unknown> {
  const [first] = all;
  return first !== undefined && all.length === 1 ? first : Promise.all(all);
}
