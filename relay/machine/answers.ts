import { ackedOutcome, refusedOutcome } from '../model/outcome.ts';
import type { Accepted, LinkReport, Refused } from '../model/link.ts';
import { unsuspected } from './delivery/suspicion.ts';
import type { Delivery } from './delivery/delivery.ts';
import type { Downstream } from './downstream.ts';
import { traitsOf, type Connection } from './links/connection.ts';
import type { Pool } from './links/pool.ts';
import type { Turn } from './turn/turn.ts';
import type { Upstream } from './upstream.ts';

/** In notes, the refusal of a repeat has a name of its own: it says that an earlier copy was taken. */
export const RECEIVED_BEFORE = 'RECEIVED_BEFORE';

/** What a document shows of a message that waits because FCM did not even look at it. */
const NOT_PROCESSED = 'NOT_PROCESSED';

/** A message that this many connections in a row did not take for reasons of their own waits like any other. */
const MOST_REROUTES = 3;

/** What each report of a link does. One that fits nothing is noted and changes nothing. */
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

  report(connection: Connection, report: LinkReport): void {
    this.#pool.heard(connection);
    switch (report.kind) {
      case 'heard':
        return;
      case 'accepted':
        return this.#accepted(connection, report);
      case 'refused':
        return this.#refused(connection, report);
      case 'notProcessed':
        return this.#notProcessed(connection, report.messageId);
      case 'unknown':
        return this.#unknown(connection, report.messageId);
      case 'upstream':
      case 'receipt':
        return this.#upstream.received(connection, report);
      case 'opened':
        return this.#pool.opened(connection, report.limit);
      case 'limitChanged':
        return this.#pool.limitTo(connection, report.limit);
      case 'idle':
        connection.isIdle = true;
        return;
      case 'draining':
        return this.#pool.drain(connection);
      case 'credentialsRefused':
        return this.#pool.refusedCredentials(connection);
      case 'closed':
        return this.#pool.closed(connection, report.how, report.detail);
      case 'unrecognized':
        return this.#turn.note({ kind: 'unknownFrame', connection: connection.id, reason: report.reason });
      case 'defect':
        return this.#turn.note({ kind: 'defect', connection: connection.id, what: report.what });
      default:
        return report satisfies never;
    }
  }

  #accepted(connection: Connection, report: Accepted): void {
    const delivery = this.#answered(connection, report.messageId, undefined);
    this.#downstream.sending.worked(delivery);
    const outcome = ackedOutcome(report, this.#turn.nowMs);
    if (delivery !== undefined) this.#downstream.settle(delivery, outcome);
    else this.#downstream.settleLate(report.messageId, outcome);
  }

  #refused(connection: Connection, report: Refused): void {
    const { messageId, verdict, code } = report;
    // FCM's own word of it may have been lost
    if (verdict === 'reroute' && this.#isAboutConnection(connection, messageId)) this.#pool.drain(connection);
    const delivery = this.#answered(connection, messageId, verdict === 'receivedBefore' ? RECEIVED_BEFORE : code);
    if (verdict !== 'retry' && verdict !== 'reroute') this.#downstream.sending.worked(delivery);
    if (delivery === undefined) return; // an answer to nothing that is pending says nothing about FCM
    if (verdict !== 'reroute') delivery.reroutes = 0;
    switch (verdict) {
      case 'failAlert':
        this.#turn.note({ kind: 'pushCredentials', messageId, error: code });
        return this.#fail(delivery, report);
      case 'fail':
      case 'failToken':
        return this.#fail(delivery, report);
      case 'receivedBefore':
        return this.#receivedBefore(delivery, report);
      case 'retry':
        this.#downstream.sending.failed(delivery);
        return this.#downstream.delays.retry(delivery, code, { leastMs: report.retryAfterMs });
      case 'slowDevice':
      case 'slowTopic':
        return this.#downstream.delays.slowDown(delivery, code);
      case 'reroute':
        return this.#reroute(delivery, code);
      default:
        return verdict satisfies never;
    }
  }

  /**
   * Whether a refusal to take more says that the connection drains. Where that was not known, it concerns the message
   * too: one that meets this on connection after connection must not have all of them drained.
   */
  #isAboutConnection(connection: Connection, messageId: string): boolean {
    const pending = connection.window.get(messageId);
    if (pending === undefined || !traitsOf(connection).takesMessages) return true;
    pending.reroutes++;
    return pending.reroutes <= MOST_REROUTES;
  }

  #reroute(delivery: Delivery, error: string): void {
    if (delivery.reroutes <= MOST_REROUTES) this.#downstream.sending.again(delivery);
    else this.#downstream.delays.retry(delivery, error);
  }

  #fail(delivery: Delivery, report: Refused): void {
    this.#downstream.settle(delivery, refusedOutcome(report, this.#turn.nowMs));
  }

  /** After an earlier send that may have arrived, that one was accepted (protocol §4). */
  #receivedBefore(delivery: Delivery, report: Refused): void {
    const { nowMs } = this.#turn;
    if (delivery.attempts > 1 || delivery.maybeSentBefore) this.#downstream.settle(delivery, ackedOutcome({}, nowMs));
    else this.#downstream.delays.dispute(delivery, refusedOutcome(report, nowMs));
  }

  #notProcessed(connection: Connection, messageId: string): void {
    const delivery = this.#freed(connection, messageId, NOT_PROCESSED);
    if (delivery === undefined) return;
    delivery.reroutes++;
    this.#reroute(delivery, NOT_PROCESSED);
  }

  #unknown(connection: Connection, messageId: string): void {
    const delivery = this.#freed(connection, messageId, undefined);
    if (delivery !== undefined) this.#downstream.unanswered(delivery, connection);
  }

  /** What FCM answered. */
  #answered(connection: Connection, messageId: string, error: string | undefined): Delivery | undefined {
    const delivery = this.#freed(connection, messageId, error);
    if (delivery === undefined) return undefined;
    this.#pool.answered(connection);
    if (delivery.suspicion.losses > 0) delivery.suspicion = unsuspected();
    this.#turn.note({ kind: 'answered', error, tookMs: this.#turn.nowMs - delivery.sentAtMs });
    return delivery;
  }

  /** Frees its place. Late, repeated and foreign answers find nothing. */
  #freed({ id, window, abandoned }: Connection, messageId: string, error: string | undefined): Delivery | undefined {
    if (abandoned.size > 0) abandoned.delete(messageId);
    const delivery = window.settle(messageId);
    if (delivery === undefined) this.#turn.note({ kind: 'unmatchedAnswer', connection: id, messageId, error });
    return delivery;
  }
}
