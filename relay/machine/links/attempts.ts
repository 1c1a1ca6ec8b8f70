import { fullJitterMs } from '../turn/backoff.ts';
import type { RelayConfig } from '../turn/config.ts';
import type { CloseKind } from '../turn/input.ts';

/**
 * A connection that lived shorter counts as a failed attempt, however it ended: no hot loop against a server that
 * greets and hangs up.
 */
const SHORT_LIFE_MS = 1_000;

/** How a connection ended: why, after how long, and whether CCS answered anything on it. */
export interface Life {
  readonly how: CloseKind;
  readonly livedMs: number;
  readonly answered: boolean;
}

/** When the next connection may be asked for. */
export class Attempts {
  nextMs = 0;
  readonly #config: Pick<RelayConfig, 'reconnect' | 'refusedRetryMs'>;
  #failures = 0;
  #inVain = false;

  constructor(config: Pick<RelayConfig, 'reconnect' | 'refusedRetryMs'>) {
    this.#config = config;
  }

  /** The last connections ended soon, and CCS answered nothing on them. */
  get inVain(): boolean {
    return this.#inVain;
  }

  /** @param random 0 ≤ random < 1. Returns whether that puts the next attempt off. */
  ended({ how, livedMs, answered }: Life, nowMs: number, random: number): boolean {
    if (how === 'refusedCredentials') return this.#waitFor(this.#config.refusedRetryMs * (1 + random), nowMs);
    const isShort = livedMs < SHORT_LIFE_MS;
    this.#inVain = isShort && !answered;
    // one that answered worked, but many such must not follow each other at once
    this.#failures = !isShort ? 0 : answered ? 1 : this.#failures + 1;
    return isShort && this.#waitFor(fullJitterMs(this.#config.reconnect, this.#failures, random), nowMs);
  }

  #waitFor(delayMs: number, nowMs: number): boolean {
    this.nextMs = Math.max(this.nextMs, nowMs + delayMs);
    return true;
  }
}
