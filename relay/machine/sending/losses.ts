import { convict, convictedOutcome, isIsolated, type Health } from '../delivery/suspicion.ts';
import type { Connection } from '../links/connection.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { accepts } from '../delivery/delivery-table.ts';
import { NO_ANSWER, noAnswerOutcome } from '../../model/outcome.ts';
import type { Loss } from '../links/liveness.ts';
import type { Delays } from '../pacing/delays.ts';
import { CONNECTION_LOST } from '../delivery/send-rules.ts';
import type { Shared } from '../turn/shared.ts';
import type { Deliveries } from '../delivery/deliveries.ts';

/**
 * Each silence costs two minutes, and a connection. A message that FCM leaves unanswered while it answers others is
 * given up after this many sends.
 */
const MOST_UNANSWERED = 5;

/** What becomes of messages whose answer will not come. FCM may have each of them. */
export class Losses {
  readonly #shared: Shared;
  readonly #deliveries: Deliveries;
  readonly #delays: Delays;

  constructor(shared: Shared, deliveries: Deliveries, delays: Delays) {
    this.#shared = shared;
    this.#deliveries = deliveries;
    this.#delays = delays;
  }

  /** @param health of all connections of the sender */
  lost(
    pending: readonly Delivery[],
    connection: Connection,
    { loss, health }: { loss: Loss; health: Readonly<Health> },
  ): void {
    for (const delivery of pending) {
      delivery.maybeTaken = true;
      if (!accepts(delivery, 'again')) continue; // one that is returning comes back by itself
      if (loss === 'unanswered') this.#replaced(delivery, connection);
      else {
        const { onTrial } = delivery.suspicion;
        if (convict(delivery, pending.length === 1, health)) this.#end(delivery, 'convicted');
        else this.#ended(delivery, connection, onTrial);
      }
    }
  }

  #ended(delivery: Delivery, connection: Connection, wasTrial: boolean): void {
    if (!isIsolated(delivery)) return this.#deliveries.move(delivery, 'again');
    const {
      messageId,
      suspicion: { losses, convictions },
    } = delivery;
    this.#shared.turn.note({ kind: 'suspected', messageId, connection: connection.id, losses, convictions });
    // it has to stay in this worker, or the trial is forgotten
    this.#delays.retry(delivery, CONNECTION_LOST, wasTrial ? { mostMs: this.#shared.config.longestRestMs } : {});
  }

  /** One message whose outcome is unknown. Where FCM answered what was sent after it, it is about this message. */
  unanswered(delivery: Delivery, { answeredAtMs }: Connection): void {
    delivery.maybeTaken = true;
    if (!accepts(delivery, 'again')) return; // one that is returning comes back by itself
    const { attempts, lastError, sentAtMs } = delivery;
    const isAboutIt = answeredAtMs > sentAtMs && lastError === NO_ANSWER; // one silence among answers is no habit
    if (isAboutIt && attempts >= MOST_UNANSWERED) return this.#end(delivery, 'unanswered');
    this.#delays.retry(delivery, NO_ANSWER);
  }

  /** Its connection was replaced because some message stayed unanswered: this one, or another that was sent earlier. */
  #replaced(delivery: Delivery, connection: Connection): void {
    const { config, turn } = this.#shared;
    if (turn.nowMs - delivery.sentAtMs < config.answerLimitMs) this.#deliveries.move(delivery, 'again');
    else this.unanswered(delivery, connection);
  }

  #end(delivery: Delivery, why: 'convicted' | 'unanswered'): void {
    const { nowMs } = this.#shared.turn;
    delivery.outcome = why === 'convicted' ? convictedOutcome(nowMs) : noAnswerOutcome(delivery.attempts, nowMs);
    this.#deliveries.move(delivery, 'settle');
  }
}
