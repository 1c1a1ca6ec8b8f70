import { DEFAULTS, type RelayConfig } from '../../../../relay/machine/turn/config.ts';
import type { DeliveryState } from '../../../../relay/machine/delivery/delivery-table.ts';
import type { Effect } from '../../../../relay/machine/turn/effect.ts';
import type { Input } from '../../../../relay/machine/turn/input.ts';
import type { ConnectionEnd, Note } from '../../../../relay/machine/turn/note.ts';
import type { LinkReport } from '../../../../relay/model/link.ts';
import { messageOf } from '../../../../relay/model/message.ts';
import type { Version } from '../../../../relay/model/ports.ts';
import type { MessageRecord } from '../../../../relay/model/record.ts';
import { Relay } from '../../../../relay/machine/relay.ts';
import { CANCEL_WAIT_MS, IN_HANDS_MS } from '../../../../relay/model/timing.ts';
import { keyedHash } from '../../../../relay/model/token-hash.ts';
import { XMPP_TRAITS } from '../../../../relay/adapters/xmpp/link.ts';
import { reportOfNack } from '../../../../relay/adapters/xmpp/verdicts.ts';
import type { DownstreamMessage } from '../../../../relay/protocol/legacy/message.ts';
import { told } from './effect-lines.ts';

export const START_MS = Date.UTC(2026, 9, 1);
export const SENDER = '1234567890';
export const TOKEN = 'a-device:APA91bToken';
export const hash = keyedHash('a key for unit tests');

export interface Pull extends Partial<DownstreamMessage> {
  readonly deliveryAttempt?: number;
  readonly acceptedAtMs?: number;
  /** A further copy of a message, as the acceptor and the sweep mark it. */
  readonly repeated?: true;
}

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;
type NoteOf<K extends Note['kind']> = Extract<Note, { kind: K }>;

/** Feeds the machine by hand, with a clock and a random number that stand still until they are told otherwise. */
export class Driver {
  readonly relay: Relay;
  nowMs = START_MS;
  random = 0.5;
  /** What the machine wished for since `forget` (or `did`). */
  effects: Effect[] = [];
  /** Goes before what is fed next, in the same turn. */
  readonly before: Input[] = [];
  /** Told of each effect at the moment it is wished for. */
  observe: (effect: Effect) => void = () => undefined;
  #wakeAtMs = Infinity;
  #lastLease = 0;
  #lastVersion = 0;

  constructor(config: Partial<RelayConfig> = {}) {
    this.relay = new Relay(
      { ...DEFAULTS, senderId: SENDER, traits: XMPP_TRAITS, ...config },
      { random: () => this.random, hash },
    );
  }

  /** One turn of the machine. */
  feed(...inputs: Input[]): void {
    for (const effect of this.relay.on([...this.before.splice(0), ...inputs], this.nowMs)) {
      this.effects.push(effect);
      this.observe(effect);
      if (effect.kind === 'wake') this.#wakeAtMs = effect.atMs; // as the pump does it: one timer, set anew by each wake
    }
  }

  /** Lets time pass. The machine is woken when it asked for it, and at no other time. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let wakes = 0; this.#wakeAtMs <= endMs; wakes++) {
      if (wakes > 100_000) throw new Error('a hot loop: the machine asks to be woken again and again');
      this.nowMs = Math.max(this.nowMs, this.#wakeAtMs);
      this.#wakeAtMs = Infinity;
      this.feed({ kind: 'woke' });
    }
    this.nowMs = endMs;
  }

  /** The same, while the connections show signs of life. */
  passAlive(ms: number): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= 5_000) {
      this.pass(Math.min(leftMs, 5_000));
      for (const { id } of this.relay.status().connections) this.heard(id);
    }
  }

  start(): this {
    this.feed({ kind: 'woke' });
    return this;
  }

  /** Starts, and opens every connection that the machine asks for. */
  open(): this {
    this.start();
    for (const { connection } of this.of('connect')) this.opened(connection);
    this.forget();
    return this;
  }

  opened(connection: string): void {
    this.report(connection, { kind: 'opened', limit: 100 });
  }

  heard(connection: string): void {
    this.report(connection, { kind: 'heard' });
  }

  closed(connection: string, how: ConnectionEnd = 'failed'): void {
    this.feed(...closing(connection, how));
  }

  report(connection: string, report: LinkReport): void {
    this.feed({ kind: 'link', connection, report });
  }

  ack(messageId: string, connection = 'c1'): void {
    this.report(connection, { kind: 'accepted', messageId });
  }

  nack(messageId: string, error: string, { description = '', connection = 'c1' } = {}): void {
    const before = this.counts.resting ?? 0;
    this.report(connection, reportOfNack({ kind: 'nack', messageId, error, description }));
    if ((this.counts.resting ?? 0) > before) this.marked(messageId);
  }

  /** The same, and its mark is left to the test. */
  refused(messageId: string, error: string, connection = 'c1'): void {
    this.report(connection, reportOfNack({ kind: 'nack', messageId, error, description: '' }));
  }

  /**
   * The mark that a wait begins with (in-hands.test.ts) is written, and not told of: most tests are about something
   * else.
   */
  marked(messageId: string): void {
    const at = this.effects.findIndex(
      (effect) => effect.kind === 'write' && effect.messageId === messageId && effect.change.settledAtMs === undefined,
    );
    if (at < 0) return;
    this.effects.splice(at, 1);
    this.written(messageId);
  }

  drain(connection: string): void {
    this.report(connection, { kind: 'draining' });
  }

  /** Returns the lease. */
  pull(messageId: string, { deliveryAttempt = 1, acceptedAtMs = this.nowMs, repeated, ...fields }: Pull = {}): number {
    const target = fields.condition === undefined ? { to: TOKEN } : {};
    const message: DownstreamMessage = {
      message_id: messageId,
      ...target,
      priority: 'normal',
      time_to_live: 86_400,
      ...fields,
    };
    const lease = ++this.#lastLease;
    this.feed({
      kind: 'pulled',
      lease,
      lane: message.priority,
      message: messageOf({ senderId: SENDER, acceptedAtMs, message, ...(repeated && { repeated }) }),
      deliveryAttempt,
    });
    return lease;
  }

  answerRead(messageId: string, record: Partial<MessageRecord> = {}): void {
    this.feed({ kind: 'read', messageId, stored: { record: this.record(record), version: this.#nextVersion() } });
  }

  missing(messageId: string): void {
    this.feed({ kind: 'read', messageId, stored: undefined });
  }

  written(...messageIds: string[]): void {
    for (const messageId of messageIds) this.feed({ kind: 'written', messageId, version: this.#nextVersion() });
  }

  conflicted(messageId: string): void {
    this.feed({ kind: 'conflicted', messageId });
  }

  storeFailed(messageId: string): void {
    this.feed({ kind: 'storeFailed', messageId });
  }

  announced(messageId: string): void {
    this.feed({ kind: 'announced', messageId });
  }

  /** Pulled, read, sent. What happened on the way is forgotten. */
  pending(messageId: string, pull: Pull = {}): number {
    const lease = this.pull(messageId, pull);
    this.answerRead(messageId);
    if (this.of('write').length > 0) this.claim(messageId);
    if (!this.did().some((line) => line.startsWith(`send ${messageId} `))) throw new Error(`${messageId} was not sent`);
    return lease;
  }

  /** One that somebody had before is claimed, and after a wait once more. */
  claim(messageId: string): void {
    this.written(messageId);
    this.pass(CANCEL_WAIT_MS);
    this.written(messageId);
  }

  stop(withinMs = 5_000): void {
    this.feed({ kind: 'stop', withinMs });
  }

  /** One that says `sent` was not written just now, unless the test says so: it is in nobody's hands. */
  record(fields: Partial<MessageRecord> = {}): MessageRecord {
    return {
      state: 'queued',
      target: { kind: 'token', hash: hash(TOKEN) },
      priority: 'normal',
      timeToLiveSeconds: 86_400,
      attempts: 0,
      createdAtMs: this.nowMs,
      updatedAtMs: fields.state === 'sent' ? this.nowMs - IN_HANDS_MS : this.nowMs,
      expireAtMs: this.nowMs + 1e10,
      ...fields,
    };
  }

  /** The effects since the last time, in words, without notes and wakes. */
  did(): string[] {
    const lines = this.effects.map(told).filter((line) => line !== undefined);
    this.forget();
    return lines;
  }

  forget(): void {
    this.effects = [];
  }

  of<K extends Effect['kind']>(kind: K): Of<K>[] {
    return this.effects.filter((effect): effect is Of<K> => effect.kind === kind);
  }

  /** The only effect of this kind since `forget`. */
  only<K extends Effect['kind']>(kind: K): Of<K> {
    const [effect, ...more] = this.of(kind);
    if (effect === undefined || more.length > 0)
      throw new Error(`${kind}: ${more.length + (effect === undefined ? 0 : 1)} of them`);
    return effect;
  }

  notes<K extends Note['kind']>(kind: K): NoteOf<K>[] {
    return this.of('note')
      .map(({ note }) => note)
      .filter((note): note is NoteOf<K> => note.kind === kind);
  }

  /** How many deliveries are in which state; empty ones left out. */
  get counts(): Partial<Record<DeliveryState, number>> {
    return Object.fromEntries(Object.entries(this.relay.status().deliveries).filter(([, count]) => count !== 0));
  }

  /** Every connection as `c1 open 3`: its state, and how many are pending on it. */
  get connections(): string[] {
    return this.relay.status().connections.map(({ id, state, pending }) => `${id} ${state} ${pending}`);
  }

  #nextVersion(): Version {
    return `v${++this.#lastVersion}` as Version;
  }
}

/** What a link reports when it is over. */
export const closing = (connection: string, how: ConnectionEnd, detail = 'by the test'): Input[] => [
  ...(how === 'refusedCredentials'
    ? [{ kind: 'link', connection, report: { kind: 'credentialsRefused', detail } } as const]
    : []),
  { kind: 'link', connection, report: { kind: 'closed', how: how === 'orderly' ? how : 'failed', detail } },
];
