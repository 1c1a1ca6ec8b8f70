import { IN_HANDS_MS } from '../../../relay/model/timing.ts';
import type { Actor, Fact } from '../fact.ts';
import type { KnownException } from './rule.ts';

/** A claim is dated when it is asked for, shortly before it is stored. */
const DATED_BEFORE_MS = 100;

interface Send {
  readonly worker: Actor;
  readonly line: string;
  /** Since when its document says so, if it did before the send; else when it was sent. */
  readonly sinceMs: number;
  answeredAtMs: number;
  /** Firestore failed or was slow for its worker afterwards, about this message. */
  storeTrouble: boolean;
}

/** Every send of every message, and when its worker read an answer. */
export class Flight {
  readonly #sends = new Map<string, Send[]>();
  /** By worker and message: when the worker last claimed it, `sent` in its document. */
  readonly #claimedAtMs = new Map<string, number>();
  /** The same: since when Firestore is slow for the worker about it. A claim is dated when it is asked for. */
  readonly #slowSinceMs = new Map<string, number>();
  /** How far apart the workers' clocks are. */
  #clocks = { least: 0, most: 0 };

  see(fact: Fact, atMs: number): void {
    if (fact.kind === 'started')
      this.#clocks = {
        least: Math.min(this.#clocks.least, fact.skewMs),
        most: Math.max(this.#clocks.most, fact.skewMs),
      };
    else if (fact.kind === 'stored' && fact.state === 'sent') this.#claimed(`${fact.worker} ${fact.id}`, atMs);
    else if (fact.kind === 'handed') {
      const sends = this.#sends.get(fact.id) ?? [];
      const sinceMs = this.#claimedAtMs.get(`${fact.worker} ${fact.id}`) ?? atMs;
      sends.push({ worker: fact.worker, line: fact.line, sinceMs, answeredAtMs: Infinity, storeTrouble: false });
      this.#sends.set(fact.id, sends);
    } else if (fact.kind === 'storeTrouble') {
      if (fact.what === 'slow') this.#slowSinceMs.set(`${fact.worker} ${fact.id}`, atMs);
      for (const send of this.#sends.get(fact.id) ?? []) if (send.worker === fact.worker) send.storeTrouble = true;
    } else if (fact.kind === 'answerRead') {
      const send = this.#sends.get(fact.id)?.findLast(({ line }) => line === fact.line);
      if (send !== undefined) send.answeredAtMs = Math.min(send.answeredAtMs, atMs);
    }
  }

  #claimed(key: string, atMs: number): void {
    this.#claimedAtMs.set(key, this.#slowSinceMs.get(key) ?? atMs);
    this.#slowSinceMs.delete(key);
  }

  /**
   * README, promise 2: another worker sent it, and FCM took longer than that to answer. Measured as the waiting worker
   * measures it: from the other's claim, by clocks that may differ.
   */
  isSlowElsewhere(id: string, worker: Actor, nowMs: number): boolean {
    return (this.#sends.get(id) ?? []).some(
      (send) =>
        send.worker !== worker &&
        Math.min(send.answeredAtMs, nowMs) - send.sinceMs + this.apartMs >= IN_HANDS_MS - DATED_BEFORE_MS,
    );
  }

  /** README, promise 2, and docs/reliability.md: why two workers may both have sent it though neither died. */
  exceptionFor(id: string, worker: Actor, nowMs: number): KnownException | undefined {
    if (this.isSlowElsewhere(id, worker, nowMs)) return 'slowAnswer';
    return (this.#sends.get(id) ?? []).some((send) => send.worker !== worker && send.storeTrouble)
      ? 'slowStore'
      : undefined;
  }

  /** How far the workers' clocks are apart, in ms. */
  get apartMs(): number {
    return this.#clocks.most - this.#clocks.least;
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
