import type { Session } from '../session/session.ts';
import type { UpstreamBody } from '../wire/frames.ts';
import type { Events } from '../devices/events.ts';
import { Fifo } from '../collections/fifo.ts';

/** An upstream message (or receipt) and its way, kept for tests. */
export interface Upstream {
  readonly sender: string;
  readonly from: string;
  readonly messageId: string;
  readonly body: UpstreamBody;
  readonly createdAt: number;
  readonly expiresAt: number;
  state: 'waiting' | 'sent' | 'acked' | 'expired';
  readonly sends: { readonly connection: string; readonly at: number }[];
  ackedOn: string | undefined;
  readonly foreignAcks: string[];
}

export type AckResult = 'acked' | 'repeated' | 'foreign';

interface Lane {
  readonly session: Session;
  readonly unacked: Map<string, Upstream>;
  begun: boolean; // upstream-start.ts says when
  readonly redeliver: Fifo<Upstream>; // lost with an earlier connection; this one was the next new one (protocol §6)
}

interface SenderLanes {
  readonly lanes: Lane[];
  readonly fresh: Fifo<Upstream>;
  lost: Upstream[]; // un-acked when their connection closed: for the next new connection, not for one that is there
  turn: number;
}

export interface UpstreamHost {
  readonly events: Events;
  readonly historyLimit: number;
  now(): number;
  window(): number;
}

const keyOf = (from: string, messageId: string): string => `${from}\n${messageId}`;

/**
 * Messages from devices to the app server: window, redelivery, acks by connection (protocol §5, §6). Both ports share
 * it (§8).
 */
export class UpstreamQueues {
  readonly #host: UpstreamHost;
  readonly #senders = new Map<string, SenderLanes>();
  readonly #lanes = new Map<Session, Lane>();
  readonly #known = new Map<string, Upstream>();
  readonly counters = {
    queued: 0,
    sent: 0,
    redelivered: 0,
    acked: 0,
    expired: 0,
    foreignAcks: 0,
    repeatedAcks: 0,
    badAcks: 0,
  };

  constructor(host: UpstreamHost) {
    this.#host = host;
  }

  list(): Upstream[] {
    const now = this.#host.now();
    for (const one of this.#known.values()) if (one.state === 'waiting' && one.expiresAt <= now) this.#expire(one);
    return [...this.#known.values()];
  }

  unacked(session: Session): number {
    return this.#lanes.get(session)?.unacked.size ?? 0;
  }

  clear(): void {
    this.#known.clear();
    for (const lanes of this.#senders.values()) {
      while (lanes.fresh.take() !== undefined);
      lanes.lost = [];
      for (const lane of lanes.lanes) {
        lane.unacked.clear();
        while (lane.redeliver.take() !== undefined);
      }
    }
    for (const name of Object.keys(this.counters)) this.counters[name as keyof typeof this.counters] = 0;
  }

  add(message: Upstream): void {
    this.#known.set(keyOf(message.from, message.messageId), message);
    this.#forget();
    this.counters.queued += 1;
    this.#of(message.sender).fresh.add(message);
    this.#pump(message.sender);
  }

  /** Takes what was lost before it came; nothing leaves on it before `begin`. */
  connected(session: Session): void {
    const lanes = this.#of(session.senderId);
    const lane: Lane = { session, unacked: new Map(), begun: false, redeliver: new Fifo() };
    for (const message of lanes.lost) lane.redeliver.add(message);
    lanes.lost = [];
    lanes.lanes.push(lane);
    this.#lanes.set(session, lane);
  }

  begin(session: Session): void {
    const lane = this.#lanes.get(session);
    if (lane === undefined) return;
    lane.begun = true;
    this.#redeliver(lane);
    this.#pump(session.senderId);
  }

  lost(session: Session): void {
    const lanes = this.#of(session.senderId);
    const lane = this.#lanes.get(session);
    if (lane === undefined) return;
    this.#lanes.delete(session);
    lanes.lanes.splice(lanes.lanes.indexOf(lane), 1);
    for (const message of lane.unacked.values()) {
      message.state = 'waiting';
      lanes.lost.push(message);
    }
    for (let message = lane.redeliver.take(); message !== undefined; message = lane.redeliver.take())
      lanes.lost.push(message);
  }

  ack(session: Session, to: string, messageId: string): AckResult {
    const key = keyOf(to, messageId);
    const lane = this.#lanes.get(session);
    const message = lane?.unacked.get(key);
    if (lane === undefined || message === undefined) return this.#strayAck(session, key, messageId);
    lane.unacked.delete(key);
    message.state = 'acked';
    message.ackedOn = session.id;
    this.counters.acked += 1;
    this.#host.events.emit(() => ({ type: 'upstreamAcked', connection: session.id, messageId }));
    this.#redeliver(lane);
    this.#pump(session.senderId);
    return 'acked';
  }

  /** Sends what fits the windows. */
  pump(): void {
    for (const lane of this.#lanes.values()) this.#redeliver(lane);
    for (const sender of this.#senders.keys()) this.#pump(sender);
  }

  #strayAck(session: Session, key: string, messageId: string): AckResult {
    const message = this.#known.get(key);
    if (message?.ackedOn === session.id) {
      this.counters.repeatedAcks += 1;
      return 'repeated';
    }
    message?.foreignAcks.push(session.id);
    this.counters.foreignAcks += 1;
    this.#host.events.emit(() => ({ type: 'foreignAck', connection: session.id, messageId }));
    return 'foreign';
  }

  #redeliver(lane: Lane): void {
    while (this.#hasRoom(lane) && this.#send(lane, lane.redeliver.take()));
  }

  #pump(sender: string): void {
    const lanes = this.#of(sender);
    for (let idle = 0; idle < lanes.lanes.length && lanes.fresh.size > 0;) {
      const lane = lanes.lanes[lanes.turn % lanes.lanes.length];
      lanes.turn += 1;
      if (lane !== undefined && this.#hasRoom(lane) && this.#send(lane, lanes.fresh.take())) idle = 0;
      else idle += 1;
    }
  }

  #hasRoom({ session, begun, unacked }: Lane): boolean {
    return begun && unacked.size < this.#host.window() && (session.state === 'bound' || session.state === 'draining');
  }

  /** False when there was nothing to send. */
  #send(lane: Lane, message: Upstream | undefined): boolean {
    if (message === undefined) return false;
    const now = this.#host.now();
    if (message.expiresAt <= now) {
      this.#expire(message);
      return true;
    }
    if (message.sends.length > 0) this.counters.redelivered += 1;
    this.counters.sent += 1;
    message.state = 'sent';
    message.sends.push({ connection: lane.session.id, at: now });
    lane.unacked.set(keyOf(message.from, message.messageId), message);
    lane.session.send({ kind: 'upstream', to: lane.session.upstreamAddress(), body: message.body });
    this.#host.events.emit(() => ({ type: 'upstreamSent', connection: lane.session.id, messageId: message.messageId }));
    return true;
  }

  #expire(message: Upstream): void {
    if (message.state === 'expired') return;
    message.state = 'expired';
    this.counters.expired += 1;
    this.#host.events.emit(() => ({ type: 'upstreamExpired', messageId: message.messageId }));
  }

  /** Past the history's bound the oldest go, but never one that is still under way. */
  #forget(): void {
    for (const [key, { state }] of this.#known) {
      if (this.#known.size <= this.#host.historyLimit || state === 'waiting' || state === 'sent') return;
      this.#known.delete(key);
    }
  }

  #of(sender: string): SenderLanes {
    let lanes = this.#senders.get(sender);
    if (lanes === undefined) this.#senders.set(sender, (lanes = { lanes: [], fresh: new Fifo(), lost: [], turn: 0 }));
    return lanes;
  }
}
