import { IN_HANDS_MS } from '../../relay/core/timing.ts';
import type { Actor, Fact } from '../fact.ts';

interface Send {
  readonly worker: Actor;
  readonly line: string;
  readonly atMs: number;
  answeredAtMs: number;
}

/** Every send of every message, and when the worker that sent it read an answer. */
export class Flight {
  readonly #sends = new Map<string, Send[]>();
  /** How far each worker's clock is ahead. */
  readonly #skewMs = new Map<Actor, number>();

  see(fact: Fact, atMs: number): void {
    if (fact.kind === 'started') this.#skewMs.set(fact.worker, fact.skewMs);
    else if (fact.kind === 'handed') {
      const sends = this.#sends.get(fact.id) ?? [];
      sends.push({ worker: fact.worker, line: fact.line, atMs, answeredAtMs: Infinity });
      this.#sends.set(fact.id, sends);
    } else if (fact.kind === 'answerRead') {
      const send = this.#sends.get(fact.id)?.findLast(({ line }) => line === fact.line);
      if (send !== undefined) send.answeredAtMs = Math.min(send.answeredAtMs, atMs);
    }
  }

  /** README, promise 2: another worker sent it, and CCS took longer than that to answer; or so it is by the clocks of the two. */
  isSlowElsewhere(id: string, worker: Actor, nowMs: number): boolean {
    return (this.#sends.get(id) ?? []).some((send) => {
      const tookMs = Math.min(send.answeredAtMs, nowMs) - send.atMs;
      const apartMs = Math.max(0, this.#aheadMs(worker) - this.#aheadMs(send.worker));
      return send.worker !== worker && tookMs + apartMs >= IN_HANDS_MS;
    });
  }

  #aheadMs(worker: Actor): number {
    return this.#skewMs.get(worker) ?? 0;
  }

  /** Who sent it on that line. */
  senderOn(id: string, line: string): Actor | undefined {
    return this.#sends.get(id)?.findLast((send) => send.line === line)?.worker;
  }

  /** What that worker ever sent. */
  sentBy(worker: Actor): string[] {
    return [...this.#sends].filter(([, sends]) => sends.some((send) => send.worker === worker)).map(([id]) => id);
  }
}
