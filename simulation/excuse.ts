/** So many failures in a row of one message, or so long without an answer: not the worker has made the stop take long. */
const FAILURES = 3;
const WAITED_MS = 1_500;

interface Wait {
  failures: number;
  waitedMs: number;
  /** While an answer is awaited: since when. */
  sinceMs: number | undefined;
}

/** Whether Firestore or Pub/Sub kept a stopping worker waiting. */
export class Excuse {
  readonly #waits = new Map<string, Wait>();

  asked(id: string, nowMs: number): void {
    const wait = this.#waits.get(id) ?? { failures: 0, waitedMs: 0, sinceMs: undefined };
    wait.sinceMs = nowMs;
    this.#waits.set(id, wait);
  }

  answered(id: string, ok: boolean, nowMs: number): void {
    const wait = this.#waits.get(id);
    if (wait?.sinceMs === undefined) return;
    wait.failures = ok ? 0 : wait.failures + 1;
    wait.waitedMs += nowMs - wait.sinceMs;
    wait.sinceMs = undefined;
  }

  /** The stop begins: the waits that are over do not count; failures do, since they have set a backoff that goes on. */
  reset(): void {
    for (const wait of this.#waits.values()) wait.waitedMs = 0;
  }

  holds(nowMs: number): boolean {
    return [...this.#waits.values()].some(({ failures, waitedMs, sinceMs }) =>
      failures >= FAILURES || waitedMs + (sinceMs === undefined ? 0 : nowMs - sinceMs) >= WAITED_MS);
  }
}
