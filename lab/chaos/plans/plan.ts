import { setTimeout as wait } from 'node:timers/promises';
import type { Rig, RigOptions } from '../../../dev/stack/rig/rig.ts';
import { until } from '../../../dev/stack/until.ts';

/** What a plan measured, and what it found wrong. */
export interface Report {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly violations: readonly string[];
}

/** As long as it takes to be meaningful, or short enough for `npm test`. */
export type SizeName = 'full' | 'short';

/** One scenario of faults on a relay of its own, with its checks. */
export interface Plan {
  /** One line, for `--help`. */
  readonly about: string;
  /** How long it takes in full. */
  readonly minutes: number;
  readonly rig: RigOptions;
  run(rig: Rig, size: SizeName, say: (line: string) => void): Promise<Report>;
}

interface PlanSpec<Size> extends Omit<Plan, 'run'> {
  readonly sizes: Readonly<Record<SizeName, Size>>;
  readonly run: (rig: Rig, size: Size, say: (line: string) => void) => Promise<Report>;
}

export const plan = <Size>({ sizes, run, ...rest }: PlanSpec<Size>): Plan => ({
  ...rest,
  run: (rig, size, say) => run(rig, sizes[size], say),
});

/** Submits `count` messages to `devices` devices, `atOnce` at a time. @returns their ids */
export async function submit(
  rig: Rig,
  name: string,
  count: number,
  { devices = 1_000, atOnce = 500 } = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const requests = Array.from({ length: Math.min(atOnce, count - from) }, (_, n) => ({
      message_id: `${name}-${from + n}`,
      to: `device-token-${(from + n) % devices}`,
      data: { n: from + n },
    }));
    ids.push(...(await rig.accept(requests)));
  }
  return ids;
}

/** Makes devices send the messages with these numbers. @returns their ids */
export async function sendUp(
  rig: Rig,
  name: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<string[]> {
  const messages = Array.from({ length: to - from }, (_, n) => ({
    from: `device-token-${(from + n) % 1_000}`,
    messageId: `${name}-up-${from + n}`,
    data: { n: String(from + n) },
  }));
  if (messages.length > 0) await rig.ccs.control.upstreamAll(messages);
  return messages.map(({ messageId }) => messageId);
}

/** A steady stream of messages in both directions, until it is stopped. */
export class Load {
  readonly ids: string[] = [];
  readonly upstreamIds: string[] = [];
  readonly #rig: Rig;
  readonly #perSecond: number;
  readonly #name: string;
  readonly #upstream: boolean;
  #running = true;
  readonly #done: Promise<void>;

  /** @param options.upstream whether devices send as well */
  constructor(
    rig: Rig,
    {
      name,
      perSecond,
      upstream = true,
    }: { readonly name: string; readonly perSecond: number; readonly upstream?: boolean },
  ) {
    this.#upstream = upstream;
    this.#rig = rig;
    this.#name = name;
    this.#perSecond = perSecond;
    this.#done = this.#run();
    this.#done.catch(() => undefined); // `stop` rejects
  }

  /** Resolves when everything due has been submitted. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #run(): Promise<void> {
    const startMs = Date.now();
    while (this.#running) {
      const due = Math.floor(((Date.now() - startMs) / 1_000) * this.#perSecond);
      await Promise.all([this.#down(due), this.#upstream && this.#up(due)]);
      await wait(50);
    }
  }

  async #down(due: number): Promise<void> {
    const from = this.ids.length;
    const requests = Array.from({ length: due - from }, (_, n) => ({
      message_id: `${this.#name}-${from + n}`,
      to: `device-token-${(from + n) % 1_000}`,
      data: { n: from + n },
    }));
    this.ids.push(...(await this.#rig.accept(requests)));
  }

  async #up(due: number): Promise<void> {
    this.upstreamIds.push(...(await sendUp(this.#rig, this.#name, { from: this.upstreamIds.length, to: due })));
  }
}

interface Expected {
  readonly ids: readonly string[];
  readonly upstreamIds?: readonly string[];
  /** How many repeats FCM may have received, over all of them. */
  readonly duplicates: number;
  readonly withinMs: number;
}

/** Waits until all messages have settled, then compares what was submitted, received, recorded and published. */
export async function verify(rig: Rig, { ids, upstreamIds = [], duplicates, withinMs }: Expected): Promise<Report> {
  const violations: string[] = [];
  const records = await rig.settled(ids, withinMs);
  const wrong = records.filter(({ state }) => state !== 'acked').length;
  if (wrong > 0) violations.push(`${wrong} messages are not acked`);
  const lostUpstream = await unpublished(rig, upstreamIds, withinMs);
  if (lostUpstream > 0) violations.push(`${lostUpstream} upstream messages were not published`);

  const [counts, stats] = await Promise.all([rig.ccs.control.messageCounts(), rig.ccs.control.stats()]);
  const lost = ids.filter((id) => (counts[id]?.received ?? 0) === 0).length;
  const repeated = ids.reduce((sum, id) => sum + Math.max(0, (counts[id]?.received ?? 0) - 1), 0);
  if (lost > 0) violations.push(`${lost} messages never reached FCM`);
  if (repeated > duplicates) violations.push(`${repeated} repeats, more than ${duplicates}`);
  if (stats.connections.highestPending > 100)
    violations.push(`${stats.connections.highestPending} pending on one connection`);
  if (stats.upstream.foreignAcks + stats.upstream.badAcks > 0)
    violations.push(`${stats.upstream.foreignAcks} foreign acks, ${stats.upstream.badAcks} malformed ones`);
  return {
    figures: {
      messages: ids.length,
      upstream: upstreamIds.length,
      lost,
      wrong,
      lostUpstream,
      repeated,
      mayRepeat: duplicates,
      highestPending: stats.connections.highestPending,
      foreignAcks: stats.upstream.foreignAcks,
    },
    violations,
  };
}

/** The longest time from acceptance until a message settled, in ms. */
export async function slowest(rig: Rig, ids: readonly string[]): Promise<number> {
  const records = await rig.settled(ids);
  return records.reduce(
    (most, { createdAtMs, settledAtMs = Infinity }) => Math.max(most, settledAtMs - createdAtMs),
    0,
  );
}

/** How many of these upstream messages had no event within the time. */
async function unpublished({ events }: Rig, ids: readonly string[], withinMs: number): Promise<number> {
  const open = new Set(ids);
  let seen = 0;
  const allPublished = (): boolean => {
    const all = events.of('fcm.upstream.received');
    for (const { data } of all.slice(seen)) open.delete(String(data['message_id']));
    seen = all.length;
    return open.size === 0;
  };
  // the caller reports what is left
  await until(allPublished, { withinMs, everyMs: 500, what: () => `${open.size} are not published` }).catch(
    () => undefined,
  );
  return open.size;
}
