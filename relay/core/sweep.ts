import { settle, type Ending, type SettlePorts } from './intake-settle.ts';
import type { QueuedMessages, StoredMessage } from './ports.ts';
import type { MessageRecord } from './record.ts';

/**
 * Goes through the messages that wait, and ends those that nobody will: expired without a worker that came to it, or left by
 * a DELETE that died. The worker ends both kinds itself when it comes to them; the sweep is for the day when it does not.
 */
export interface SweepPorts extends SettlePorts {
  readonly queued: QueuedMessages;
}

/** Waiting messages, by their age. A message is counted under the first bound that it is younger than. */
export const AGES = [
  { name: 'minute', underMs: 60_000 },
  { name: 'hour', underMs: 3_600_000 },
  { name: 'day', underMs: 86_400_000 },
  { name: 'older', underMs: Number.POSITIVE_INFINITY },
] as const;
export type Age = (typeof AGES)[number]['name'];

export interface SweepReport {
  readonly senderId: string;
  readonly waiting: Readonly<Record<Age, number>>;
  readonly expired: number;
  readonly cancelled: number;
  /** Could not be settled; the next sweep comes to them again. */
  readonly failed: number;
  /** Why the first of them, or the reading itself, failed. */
  readonly cause?: unknown;
  /** `false`: time ran out, or a page could not be read. */
  readonly complete: boolean;
}

/** The worker expires messages to the second; the sweep leaves it that much time. */
const EXPIRY_GRACE_MS = 3_600_000;
/** A DELETE takes seconds (timing.ts): this one is dead. */
const CANCEL_STALE_MS = 60_000;
const PAGE = 300; // as many as are settled at once

/** One sender, until there are no more or it is `endMs`. Never rejects. */
export async function sweep(ports: SweepPorts, senderId: string, endMs: number): Promise<SweepReport> {
  const tally = new Tally();
  let after: string | undefined;
  try {
    while (ports.now() < endMs) {
      const page = await ports.queued.page(senderId, after, PAGE);
      await Promise.all(page.map((stored) => visit(ports, tally, { senderId, stored })));
      after = page.at(-1)?.messageId;
      if (page.length < PAGE) return tally.report(senderId, true);
    }
  } catch (cause) {
    tally.cause ??= cause;
  }
  return tally.report(senderId, false);
}

interface Visited {
  readonly senderId: string;
  readonly stored: StoredMessage & { readonly messageId: string };
}

async function visit(ports: SweepPorts, tally: Tally, { senderId, stored }: Visited): Promise<void> {
  const nowMs = ports.now();
  const ending = endingOf(stored.record, nowMs);
  if (ending === undefined) {
    tally.wait(nowMs - stored.record.createdAtMs);
    return;
  }
  try {
    const settled = await settle(ports, { senderId, messageId: stored.messageId }, stored, ending);
    if (settled !== undefined) tally[ending.state] += 1; // else it moved on by itself
  } catch (cause) {
    tally.failed += 1;
    tally.cause ??= cause;
  }
}

type SweptEnding = Ending & { readonly state: 'cancelled' | 'expired' };

function endingOf(record: MessageRecord, nowMs: number): SweptEnding | undefined {
  const { cancelRequestedAtMs, createdAtMs, timeToLiveSeconds } = record;
  if (cancelRequestedAtMs !== undefined && nowMs - cancelRequestedAtMs > CANCEL_STALE_MS) return { state: 'cancelled' };
  return nowMs > createdAtMs + timeToLiveSeconds * 1_000 + EXPIRY_GRACE_MS ? { state: 'expired' } : undefined;
}

class Tally {
  expired = 0;
  cancelled = 0;
  failed = 0;
  cause: unknown;
  readonly #waiting: Record<Age, number> = { minute: 0, hour: 0, day: 0, older: 0 };

  wait(ageMs: number): void {
    for (const { name, underMs } of AGES) {
      if (ageMs >= underMs) continue;
      this.#waiting[name] += 1;
      return;
    }
  }

  report(senderId: string, complete: boolean): SweepReport {
    const { expired, cancelled, failed, cause } = this;
    return { senderId, waiting: this.#waiting, expired, cancelled, failed, complete, ...(cause !== undefined && { cause }) };
  }
}
