import { unsuspected } from './delivery/suspicion.ts';
import { knownCode, knownStanzaError } from '../protocol/ccs/ccs-text.ts';
import type { AckFrame, InboundFrame, NackFrame, StanzaErrorFrame } from '../protocol/ccs/frame.ts';
import { saysDuplicate, verdictOf } from '../protocol/ccs/verdict.ts';
import type { Connection } from './links/connection.ts';
import type { Delivery } from './delivery/delivery.ts';
import type { Downstream } from './downstream.ts';
import { ackedOutcome, nackedOutcome, stanzaErrorOutcome } from '../model/outcome.ts';
import type { Pool } from './links/pool.ts';
import type { Turn } from './turn/turn.ts';
import type { Upstream } from './upstream.ts';

/** A stanza error that answers an ack of ours, never a downstream message (protocol §6). */
const FOREIGN_ACK = '406';

/** The nack of a repeat says that the first one was taken: in notes it is no INVALID_JSON. */
export const RECEIVED_BEFORE = 'RECEIVED_BEFORE';

/**
 * A message that so many open connections in a row were drained for waits like any other that CCS does not take now.
 */
const MOST_REROUTES = 3;

/** Stanza errors by which a server says "later", not "never" (RFC 6120 §8.3.3). */
const PASSING_CONDITIONS: ReadonlySet<string> = new Set([
  'internal-server-error',
  'resource-constraint',
  'service-unavailable',
  'remote-server-timeout',
]);

/** What each frame of CCS does. A frame that fits nothing is noted and changes nothing. */
export class Answers {
  readonly #turn: Turn;
  readonly #pool: Pool;
  readonly #downstream: Downstream;
  readonly #upstream: Upstream;

  constructor(turn: Turn, pool: Pool, downstream: Downstream, upstream: Upstream) {
    this.#turn = turn;
    this.#pool = pool;
    this.#downstream = downstream;
    this.#upstream = upstream;
  }

  frame(connection: Connection, frame: InboundFrame, length = 0): void {
    switch (frame.kind) {
      case 'ack':
        return this.#ack(connection, frame);
      case 'nack':
        return this.#nack(connection, frame);
      case 'upstream':
      case 'receipt':
        return this.#upstream.received(connection, frame, length);
      case 'control':
        return this.#control(connection, frame.controlType);
      case 'stanzaError':
        return this.#stanzaError(connection, frame);
      case 'unknown':
        return this.#turn.note({ kind: 'unknownFrame', connection: connection.id, reason: frame.reason });
      default:
        return frame satisfies never;
    }
  }

  #control(connection: Connection, controlType: string): void {
    if (controlType === 'CONNECTION_DRAINING') this.#pool.drain(connection);
    else
      this.#turn.note({
        kind: 'unknownFrame',
        connection: connection.id,
        reason: 'a control_type that protocol §7 does not name',
      });
  }

  #ack(connection: Connection, frame: AckFrame): void {
    const delivery = this.#answered(connection, frame.messageId, undefined);
    this.#downstream.sending.worked(delivery);
    const outcome = ackedOutcome(frame, this.#turn.nowMs);
    if (delivery !== undefined) this.#downstream.settle(delivery, outcome);
    else this.#downstream.settleLate(frame.messageId, outcome);
  }

  #nack(connection: Connection, frame: NackFrame): void {
    const verdict = verdictOf(frame.error);
    if (verdict === 'defect') {
      // its id is that of an upstream message
      this.#turn.note({ kind: 'defect', connection: connection.id, what: frame.error });
      return;
    }
    // its control message may have been lost
    if (verdict === 'reroute' && this.#isAboutConnection(connection, frame.messageId)) this.#pool.drain(connection);
    const error = knownCode(frame.error);
    const label = saysDuplicate(frame.error, frame.description) ? RECEIVED_BEFORE : error;
    const delivery = this.#answered(connection, frame.messageId, label);
    if (verdict !== 'retry' && verdict !== 'reroute') this.#downstream.sending.worked(delivery);
    if (delivery === undefined) return;
    if (verdict !== 'reroute') delivery.reroutes = 0;
    switch (verdict) {
      case 'failAlert':
        this.#turn.note({ kind: 'pushCredentials', messageId: frame.messageId, error });
        return this.#refuse(delivery, frame);
      case 'fail':
      case 'failToken':
        return this.#refuse(delivery, frame);
      case 'retry':
        return this.#later(delivery, error);
      case 'slowDevice':
      case 'slowTopic':
        return this.#downstream.delays.slowDown(delivery, error);
      case 'reroute':
        return this.#reroute(delivery, error);
    }
  }

  /** CCS drains a connection now and then; one message that each is drained for shall not cost them all. */
  #isAboutConnection(connection: Connection, messageId: string): boolean {
    const pending = connection.window.get(messageId);
    if (pending === undefined || connection.state !== 'open') return true;
    pending.reroutes++;
    return pending.reroutes <= MOST_REROUTES;
  }

  #reroute(delivery: Delivery, error: string): void {
    if (delivery.reroutes <= MOST_REROUTES) this.#downstream.sending.again(delivery);
    else this.#downstream.delays.retry(delivery, error);
  }

  /** Had CCS this id from an earlier send of it, then that one was accepted (protocol §4). */
  #refuse(delivery: Delivery, frame: NackFrame): void {
    const { nowMs } = this.#turn;
    const refused = nackedOutcome(frame, nowMs);
    if (!saysDuplicate(frame.error, frame.description)) this.#downstream.settle(delivery, refused);
    else if (delivery.attempts > 1 || delivery.maybeSentBefore)
      this.#downstream.settle(delivery, ackedOutcome({}, nowMs));
    else this.#downstream.delays.dispute(delivery, refused);
  }

  #stanzaError(connection: Connection, frame: StanzaErrorFrame): void {
    if (frame.code === FOREIGN_ACK || frame.messageId === undefined) {
      const what = `stanza error ${knownStanzaError(frame)}`.trim();
      this.#turn.note({ kind: 'defect', connection: connection.id, what });
      return;
    }
    const delivery = this.#answered(connection, frame.messageId, 'STANZA_ERROR');
    const passing = PASSING_CONDITIONS.has(frame.condition ?? '');
    if (!passing) this.#downstream.sending.worked(delivery);
    if (delivery === undefined) return;
    if (passing) this.#later(delivery, 'STANZA_ERROR');
    else this.#downstream.settle(delivery, stanzaErrorOutcome(frame, this.#turn.nowMs));
  }

  /** An answer to nothing that is pending says nothing about CCS. */
  #later(delivery: Delivery, error: string): void {
    this.#downstream.sending.failed(delivery);
    this.#downstream.delays.retry(delivery, error);
  }

  /** Frees the slot of what was answered. Late, repeated and foreign answers find nothing. */
  #answered(connection: Connection, messageId: string, error: string | undefined): Delivery | undefined {
    const delivery = connection.window.settle(messageId);
    if (delivery === undefined)
      this.#turn.note({ kind: 'unmatchedAnswer', connection: connection.id, messageId, error });
    else {
      this.#pool.answered(connection);
      if (delivery.suspicion.losses > 0) delivery.suspicion = unsuspected();
      this.#turn.note({ kind: 'answered', error, tookMs: this.#turn.nowMs - delivery.sentAtMs });
    }
    return delivery;
  }
}
