import type { Effect } from '../../relay/machine/turn/effect.ts';
import type { Input } from '../../relay/machine/turn/input.ts';

/** After this many failures in a row for one message, or this long without an answer, a slow stop is not its fault. */
const FAILURES = 3;
const WAITED_MS = 1_500;

interface Wait {
  failures: number;
  /** It succeeded in the end, after that many failures. */
  lateAtLast: boolean;
  waitedMs: number;
  /** While an answer is awaited: since when. */
  sinceMs: number | undefined;
}

/** Whether Firestore or Pub/Sub kept a stopping worker waiting, judged by its machine's effects and inputs. */
export class FarEndDelays {
  readonly #waits = new Map<string, Wait>();

  asked(effect: Effect, nowMs: number): void {
    switch (effect.kind) {
      case 'read':
      case 'create':
      case 'write':
      case 'announce':
        return this.#asked(effect.messageId, nowMs);
      case 'publish':
        return this.#asked(effect.key, nowMs);
      default:
        return;
    }
  }

  heard(input: Input, nowMs: number): void {
    switch (input.kind) {
      case 'read':
      case 'written':
      case 'conflicted':
      case 'announced':
        return this.#answered(input.messageId, true, nowMs);
      case 'storeFailed':
      case 'announceFailed':
        return this.#answered(input.messageId, false, nowMs);
      case 'published':
        return this.#answered(input.key, true, nowMs);
      case 'publishFailed':
        return this.#answered(input.key, false, nowMs);
      default:
        return;
    }
  }

  /** The stop begins: earlier waits do not count; failures do, since their backoff continues. */
  reset(): void {
    for (const wait of this.#waits.values()) Object.assign(wait, { waitedMs: 0, lateAtLast: false });
  }

  explain(nowMs: number): boolean {
    return [...this.#waits.values()].some(
      ({ failures, lateAtLast, waitedMs, sinceMs }) =>
        lateAtLast || failures >= FAILURES || waitedMs + (sinceMs === undefined ? 0 : nowMs - sinceMs) >= WAITED_MS,
    );
  }

  #asked(id: string, nowMs: number): void {
    const wait = this.#waits.get(id) ?? { failures: 0, lateAtLast: false, waitedMs: 0, sinceMs: undefined };
    wait.sinceMs = nowMs;
    this.#waits.set(id, wait);
  }

  #answered(id: string, ok: boolean, nowMs: number): void {
    const wait = this.#waits.get(id);
    if (wait?.sinceMs === undefined) return;
    wait.lateAtLast ||= ok && wait.failures >= FAILURES;
    wait.failures = ok ? 0 : wait.failures + 1;
    wait.waitedMs += nowMs - wait.sinceMs;
    wait.sinceMs = undefined;
  }
}
