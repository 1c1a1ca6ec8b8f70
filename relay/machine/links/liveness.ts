import type { RelayConfig } from '../turn/config.ts';
import type { Turn } from '../turn/turn.ts';
import { accepts, traitsOf, type Connection } from './connection.ts';

/** How often a connection is checked: for silence, and for answers that are slow. */
export const WATCH_MS = 200;

/** After this share of the silence limit the far end is pinged. */
const PING_SHARE = 1 / 3;

/** How long the other messages of a connection that is replaced for an unanswered one still get for their answers. */
const LAST_ANSWERS_MS = 10_000;

/**
 * How what was pending on a connection was lost.
 * - `ended`: the connection ended, or nothing was heard on it any more.
 * - `unanswered`: we replaced it, because a message stayed unanswered.
 */
export type Loss = 'ended' | 'unanswered';

/** What is done about a connection. */
export interface Remedies {
  /** Nothing new on it; another is opened. */
  drain(connection: Connection): void;
  replace(connection: Connection, detail: string, loss: Loss): void;
}

/** Checks connections for silence, for messages that stay unanswered, and for drains that FCM does not finish. */
export class Liveness {
  readonly #config: RelayConfig;
  readonly #turn: Turn;
  readonly #remedies: Remedies;

  constructor(config: RelayConfig, turn: Turn, remedies: Remedies) {
    this.#config = config;
    this.#turn = turn;
    this.#remedies = remedies;
  }

  /** Returns whether the connection is still there. */
  check(connection: Connection): boolean {
    if (traitsOf(connection).isOver) return false;
    const { silenceLimitMs, traits } = this.#config;
    const { id, window } = connection;
    const silentMs = connection.isIdle ? 0 : this.#turn.nowMs - connection.lastHeardMs;
    if (silentMs >= silenceLimitMs) {
      this.#turn.note({ kind: 'silent', connection: id, silentMs, pending: window.size });
      return this.#replace(connection, 'nothing heard', 'ended');
    }
    if (traits.abandonsSingly) this.#abandonUnanswered(connection);
    else if (this.#isStuck(connection)) return this.#replace(connection, 'a message stayed unanswered', 'unanswered');
    this.#endDrain(connection);
    if (!connection.pinged && silentMs >= silenceLimitMs * PING_SHARE) {
      connection.pinged = true;
      this.#turn.emit({ kind: 'ping', connection: id });
    }
    return true;
  }

  #replace(connection: Connection, detail: string, loss: Loss): false {
    this.#remedies.replace(connection, detail, loss);
    return false;
  }

  #abandonUnanswered({ id, window, abandoned }: Connection): void {
    for (const { messageId, sentAtMs } of window.values()) {
      const pendingMs = this.#turn.nowMs - sentAtMs;
      if (pendingMs < this.#config.answerLimitMs) return; // the window is in the order of sending
      if (abandoned.has(messageId)) continue;
      abandoned.add(messageId);
      this.#turn.note({ kind: 'unanswered', connection: id, pendingMs });
      this.#turn.emit({ kind: 'abandon', connection: id, messageId });
    }
  }

  /**
   * A message has waited too long for its answer, and only the end of the connection frees its place (protocol §5).
   * Another is opened at once; the other messages on this one get a little time for their answers, since each that is
   * lost is sent again. Returns whether that time is over.
   */
  #isStuck(connection: Connection): boolean {
    const { nowMs } = this.#turn;
    const { answerLimitMs } = this.#config;
    const oldest = connection.window.values().next();
    const pendingMs = oldest.done === true ? 0 : nowMs - oldest.value.sentAtMs;
    if (pendingMs < answerLimitMs) return false;
    if (accepts(connection, 'drain')) {
      this.#turn.note({ kind: 'unanswered', connection: connection.id, pendingMs });
      this.#remedies.drain(connection);
    }
    const others = [...connection.window.values()].some(({ sentAtMs }) => nowMs - sentAtMs < answerLimitMs);
    return !others || pendingMs >= answerLimitMs + LAST_ANSWERS_MS;
  }

  #endDrain(connection: Connection): void {
    const drainedMs = this.#turn.nowMs - connection.drainingSinceMs;
    if (drainedMs < this.#config.drainLimitMs || connection.window.size > 0) return;
    connection.drainingSinceMs = Infinity; // once is enough
    this.#turn.emit({ kind: 'close', connection: connection.id });
  }
}
