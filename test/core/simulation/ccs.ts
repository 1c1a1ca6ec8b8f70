import type { InboundFrame } from '../../../relay/protocol/frame.ts';
import type { Clock } from './clock.ts';
import type { Dice } from './dice.ts';
import type { Documents } from './far-ends.ts';

/** One end of a connection, CCS's. */
export interface Line {
  readonly name: string;
  readonly deliver: (frame: InboundFrame) => void;
  readonly end: (how: 'orderly' | 'failed') => void;
  readonly pending: Set<string>;
  readonly unacked: Set<string>;
  alive: boolean;
  /** The socket stands, nothing comes out of it. */
  halfOpen: boolean;
  drainSaid: boolean;
  /** The worker has read the control message. */
  drainHeard: boolean;
}

interface Stanza {
  readonly message_id: string;
  readonly message_type?: string;
}

export interface Misbehaviour {
  readonly retryNack: number;
  readonly refuse: number;
  readonly rateNack: number;
  readonly answerTwice: number;
  readonly noAnswer: number;
  readonly latencyMs: number;
}

/** A small CCS that judges what it is sent: window, draining, ids, acks on their own line. */
export class SimulatedCcs {
  readonly #clock: Clock;
  readonly #dice: Dice;
  readonly #documents: Documents;
  readonly violations: string[] = [];
  readonly lines = new Set<Line>();
  readonly accepted = new Set<string>();
  readonly refused = new Set<string>();
  /** Sends by message id. */
  readonly sends = new Map<string, number>();
  readonly upstreamAcked = new Set<string>();
  readonly #upstream = new Map<string, InboundFrame>();
  isPublished: (upstreamId: string) => boolean = () => true;
  misbehaviour: Misbehaviour;
  highestPending = 0;

  constructor(clock: Clock, dice: Dice, documents: Documents, misbehaviour: Misbehaviour) {
    this.#clock = clock;
    this.#dice = dice;
    this.#documents = documents;
    this.misbehaviour = misbehaviour;
  }

  opened(line: Line): void {
    this.lines.add(line);
    for (const id of this.#upstream.keys()) this.#sendUpstream(line, id); // what is un-acked comes again on a new connection
  }

  upstream(id: string): void {
    this.#upstream.set(id, { kind: 'upstream', messageId: id, from: 'device-token', category: 'app', data: { id } });
    const line = [...this.lines].find(({ alive }) => alive);
    if (line !== undefined) this.#sendUpstream(line, id);
  }

  lose(line: Line, how: 'orderly' | 'failed'): void {
    if (!line.alive) return;
    line.alive = false;
    this.lines.delete(line);
    line.end(how);
  }

  drain(line: Line): void {
    if (line.drainSaid || !line.alive) return;
    line.drainSaid = true;
    this.#say(line, { kind: 'control', controlType: 'CONNECTION_DRAINING' }, () => (line.drainHeard = true));
    this.#clock.after(this.#dice.between(2_000, 30_000), () => this.lose(line, 'orderly'));
  }

  /** The worker hands it to its socket. */
  sent(line: Line, json: string): void {
    const message = JSON.parse(json) as Stanza;
    if (line.drainHeard && message.message_type !== 'ack') this.violations.push(`${message.message_id}: sent on ${line.name} after its control message`);
    this.#clock.after(this.#dice.between(0, 2), () => this.#received(line, message));
  }

  #received(line: Line, message: Stanza): void {
    if (!line.alive || line.halfOpen) return;
    const id = message.message_id;
    if (message.message_type === 'ack') this.#ackedUpstream(line, id);
    else this.#downstream(line, id);
  }

  #ackedUpstream(line: Line, id: string): void {
    if (!line.unacked.has(id)) this.violations.push(`upstream ${id}: acked on ${line.name}, where it did not come in`);
    if (!this.isPublished(id)) this.violations.push(`upstream ${id}: acked before it was published`);
    line.unacked.delete(id);
    this.#upstream.delete(id);
    this.upstreamAcked.add(id);
  }

  #downstream(line: Line, id: string): void {
    this.sends.set(id, (this.sends.get(id) ?? 0) + 1);
    if (line.pending.size >= 100) this.violations.push(`${line.name}: more than 100 pending`);
    const settledAtMs = this.#documents.settledAtMs.get(id);
    if (settledAtMs !== undefined && this.#clock.nowMs - settledAtMs > 2_000) this.violations.push(`${id}: sent after it was settled`);
    line.pending.add(id);
    this.highestPending = Math.max(this.highestPending, line.pending.size);
    const answer = this.#answerTo(line, id);
    if (answer === undefined) return;
    const delayMs = this.#dice.next() * 2 * this.misbehaviour.latencyMs;
    const say = (): void => this.#say(line, answer, () => line.pending.delete(id));
    this.#clock.after(delayMs, say);
    if (this.#dice.chance(this.misbehaviour.answerTwice)) this.#clock.after(delayMs * 2, say);
  }

  #answerTo(line: Line, messageId: string): InboundFrame | undefined {
    const nack = (error: string, description = ''): InboundFrame => ({ kind: 'nack', messageId, error, description });
    if (line.drainSaid) return nack('CONNECTION_DRAINING');
    if (this.accepted.has(messageId)) return nack('INVALID_JSON', 'InvalidJson: Message with the same id has been received before');
    const { retryNack, refuse, rateNack, noAnswer } = this.misbehaviour;
    if (this.#dice.chance(retryNack)) return nack(this.#dice.pick(['SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'NEW_CODE']));
    if (this.#dice.chance(rateNack)) return nack('DEVICE_MESSAGE_RATE_EXCEEDED');
    if (this.#dice.chance(refuse)) {
      this.refused.add(messageId);
      return nack(this.#dice.pick(['DEVICE_UNREGISTERED', 'BAD_REGISTRATION', 'SENDER_ID_MISMATCH']));
    }
    this.accepted.add(messageId);
    return this.#dice.chance(noAnswer) ? undefined : { kind: 'ack', messageId };
  }

  #sendUpstream(line: Line, id: string): void {
    const frame = this.#upstream.get(id);
    if (frame === undefined) return;
    line.unacked.add(id);
    this.#say(line, frame);
  }

  #say(line: Line, frame: InboundFrame, after: () => void = () => undefined): void {
    this.#clock.after(this.#dice.between(0, 3), () => {
      if (!line.alive || line.halfOpen) return;
      after();
      line.deliver(frame);
    });
  }
}
