import { fullJitterMs } from '../turn/backoff.ts';
import type { RelayConfig } from '../turn/config.ts';
import { PURPOSES, type ConnectionEnd, type Purpose } from '../turn/note.ts';
import type { Shared } from '../turn/shared.ts';
import type { Turn } from '../turn/turn.ts';
import type { Agenda } from '../turn/agenda.ts';
import { accepts, type Connection } from './connection.ts';

/**
 * A connection that lived shorter counts as a failed attempt, however it ended: no hot loop against a server that
 * greets and hangs up.
 */
const SHORT_LIFE_MS = 1_000;

/** How a connection ended: why, after how long, and whether FCM answered anything on it. */
interface Life {
  readonly how: ConnectionEnd;
  readonly livedMs: number;
  readonly answered: boolean;
}

/** When the next connection of one purpose may be asked for. */
class Attempts {
  nextMs = 0;
  readonly #config: Pick<RelayConfig, 'reconnect' | 'refusedRetryMs'>;
  #failures = 0;
  #inVain = false;

  constructor(config: Pick<RelayConfig, 'reconnect' | 'refusedRetryMs'>) {
    this.#config = config;
  }

  /** The last connections ended soon, and FCM answered nothing on them. */
  get inVain(): boolean {
    return this.#inVain;
  }

  /** @param random 0 ≤ random < 1. Returns whether that puts the next attempt off. */
  ended({ how, livedMs, answered }: Life, nowMs: number, random: number): boolean {
    if (how === 'refusedCredentials') return this.#waitFor(this.#config.refusedRetryMs * (1 + random), nowMs);
    const isShort = livedMs < SHORT_LIFE_MS;
    this.#inVain = isShort && !answered;
    // one that answered worked, but many of them must not follow each other at once
    this.#failures = !isShort ? 0 : answered ? 1 : this.#failures + 1;
    return isShort && this.#waitFor(fullJitterMs(this.#config.reconnect, this.#failures, random), nowMs);
  }

  #waitFor(delayMs: number, nowMs: number): boolean {
    this.nextMs = Math.max(this.nextMs, nowMs + delayMs);
    return true;
  }
}

/** When connections may be asked for again. Regular ones and the quarantine fail apart, with the same credentials. */
export class Reconnects {
  readonly #turn: Turn;
  readonly #agenda: Agenda;
  readonly #attempts: Readonly<Record<Purpose, Attempts>>;

  constructor({ config, turn, agenda }: Shared) {
    this.#turn = turn;
    this.#agenda = agenda;
    this.#attempts = { regular: new Attempts(config), quarantine: new Attempts(config) };
  }

  /** The last regular connections ended soon, and FCM answered nothing on them. */
  get inVain(): boolean {
    return this.#attempts.regular.inVain;
  }

  /** How long the next one has to wait. */
  waitMs(purpose: Purpose): number {
    return Math.max(0, this.#attempts[purpose].nextMs - this.#turn.nowMs);
  }

  ended(connection: Connection, how: ConnectionEnd): void {
    const { purpose, openedAtMs, answeredAtMs } = connection;
    const { nowMs } = this.#turn;
    const livedMs = accepts(connection, 'opened') ? 0 : nowMs - openedAtMs;
    const life = { how, livedMs, answered: answeredAtMs > 0 };
    const random = this.#turn.random();
    for (const one of how === 'refusedCredentials' ? PURPOSES : [purpose]) {
      const attempts = this.#attempts[one];
      if (attempts.ended(life, nowMs, random)) this.#agenda.turnAt(attempts.nextMs);
    }
  }
}
