import { convict, convictedOutcome, isIsolated, type Health } from '../delivery/suspicion.ts';
import { NO_ANSWER } from '../../model/outcome.ts';
import type { Connection } from '../links/connection.ts';
import { accepts, type Delivery } from '../delivery/delivery.ts';
import { noAnswerOutcome } from '../../model/outcome.ts';
import type { Loss } from '../links/pool.ts';
import type { Delays } from '../pacing/delays.ts';
import { CONNECTION_LOST } from '../delivery/send-rules.ts';
import type { Shared } from '../turn/shared.ts';
import type { Deliveries } from '../delivery/deliveries.ts';

/**
 * Each silence costs two minutes and a connection. One sent so often, that CCS leaves alone at last while it answers
 * others, is not tried again.
 */
const MOST_UNANSWERED = 5;

/** What becomes of the messages that were pending on a connection that is over. FCM may have each of them. */
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
      if (loss === 'unanswered') this.#unanswered(delivery, connection);
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
    // the next trial is held here as well, or this one is forgotten
    const longestMs = wasTrial ? this.#shared.config.longestRestMs : Infinity;
    this.#delays.retry(delivery, CONNECTION_LOST, longestMs);
  }

  /** Where CCS has answered what was sent after it, it is about this message. */
  #unanswered(delivery: Delivery, { answeredAtMs }: Connection): void {
    const { config, turn } = this.#shared;
    if (turn.nowMs - delivery.sentAtMs < config.answerLimitMs) return this.#deliveries.move(delivery, 'again');
    const { attempts, lastError, sentAtMs } = delivery;
    const isAboutIt = answeredAtMs > sentAtMs && lastError === NO_ANSWER; // one silence after other answers is no habit
    if (isAboutIt && attempts >= MOST_UNANSWERED) return this.#end(delivery, 'unanswered');
    this.#delays.retry(delivery, NO_ANSWER);
  }

  #end(delivery: Delivery, why: 'convicted' | 'unanswered'): void {
    const { nowMs } = this.#shared.turn;
    delivery.outcome = why === 'convicted' ? convictedOutcome(nowMs) : noAnswerOutcome(delivery.attempts, nowMs);
    this.#deliveries.move(delivery, 'settle');
  }
}
