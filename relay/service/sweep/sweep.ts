import type { Priority } from '../../protocol/legacy/message.ts';
import { settle, republish, type SettlePorts } from '../settle/settle.ts';
import type {
  LaneBacklog,
  StoredMessage,
  SweepProgress,
  SweepProgressStore,
  UnsettledMessages,
} from '../../model/ports.ts';
import { isTerminal } from '../../model/record.ts';
import { endingOf, sweepReasonOf, type SweepReason } from './sweep-reason.ts';
import { Tally, type SweepReport } from './report.ts';

/**
 * Ends unsettled messages that nobody else will: expired and never reached by a worker, left by a DELETE that died, or
 * in no queue at all (the payload exists only in the queue, so there is nothing left to send). Workers end the first
 * two themselves when they reach them; the sweep covers the rest.
 */
export interface SweepPorts extends SettlePorts {
  readonly unsettled: UnsettledMessages;
  readonly backlog: LaneBacklog;
  readonly progress: SweepProgressStore;
}

export interface SweepLimits {
  /** When to stop, milliseconds since 1970. */
  readonly endMs: number;
  /** Each visit is a paid read, and a backlog can be millions. The next run continues. */
  readonly visits?: number;
  /** Lost messages ended in one run. */
  readonly lost?: number;
}

const VISITS = 100_000;
const LOST = 500; // one batch of a function that died
const PAGE = 300; // settled in parallel

/** Sweeps one sender until it is done or a limit is reached. Never rejects. */
export async function sweep(ports: SweepPorts, senderId: string, limits: SweepLimits): Promise<SweepReport> {
  return await new Sweep(ports, senderId, limits).run();
}

type Found = StoredMessage & { readonly messageId: string };
interface Due {
  readonly found: Found;
  readonly reason: SweepReason;
}

class Sweep {
  readonly #ports: SweepPorts;
  readonly #senderId: string;
  readonly #limits: Required<SweepLimits>;
  readonly #tally = new Tally();
  /**
   * Asked once a run and lane, when its first message looks lost. That message's document was read before, and is
   * written only if unchanged since, so a later answer is still safe.
   */
  readonly #oldest = new Map<Priority, Promise<number | undefined>>();
  /** As stored: what the next run has to publish again. */
  #saved: SweepProgress = { unpublished: [] };
  #losing = 0;
  /** Perhaps ended, but not published. */
  readonly #unpublished = new Set<string>();

  constructor(ports: SweepPorts, senderId: string, { endMs, visits = VISITS, lost = LOST }: SweepLimits) {
    this.#ports = ports;
    this.#senderId = senderId;
    this.#limits = { endMs, visits, lost };
  }

  async run(): Promise<SweepReport> {
    let resumed = false;
    let complete = false;
    try {
      this.#saved = await this.#ports.progress.load(this.#senderId);
      let after = this.#saved.afterMessageId;
      resumed = after !== undefined;
      await Promise.all(this.#saved.unpublished.map((messageId) => this.#republish(messageId)));
      while (!complete && this.#mayGoOn()) {
        const page = await this.#ports.unsettled.page(this.#senderId, after, PAGE);
        await this.#visit(page, after);
        after = page.at(-1)?.messageId;
        complete = page.length < PAGE;
      }
      await this.#save(complete ? undefined : after, [...this.#unpublished]);
    } catch (cause) {
      this.#tally.cause ??= cause;
      complete = false;
    }
    return this.#tally.report({ senderId: this.#senderId, resumed, complete });
  }

  /** Stops as well when that many events failed to publish: Pub/Sub is down, and the list must stay short. */
  #mayGoOn(): boolean {
    const { endMs, visits } = this.#limits;
    return this.#ports.now() < endMs && this.#tally.visited < visits && this.#unpublished.size < PAGE;
  }

  /** @param after where the page begins: if this run dies in it, the next one starts there */
  async #visit(page: readonly Found[], after: string | undefined): Promise<void> {
    const reasons = await Promise.all(
      page.map(({ record }) => sweepReasonOf(record, this.#ports.now(), (lane) => this.#oldestAtMs(lane))),
    );
    const due = page.flatMap((found, at) => this.#dueOf(found, reasons[at]));
    if (due.length === 0) return;
    await this.#save(after, [...this.#unpublished, ...due.map(({ found }) => found.messageId)]);
    await Promise.all(due.map((one) => this.#end(one)));
  }

  #dueOf(found: Found, reason: SweepReason | undefined): readonly Due[] {
    const tally = this.#tally;
    tally.visited += 1;
    if (reason === undefined) tally.wait(this.#ports.now() - found.record.createdAtMs);
    else if (reason === 'lost' && (this.#losing += 1) > this.#limits.lost) tally.lostLeft += 1;
    else return [{ found, reason }];
    return [];
  }

  async #end({ found, reason }: Due): Promise<void> {
    const { messageId } = found;
    try {
      const settled = await settle(
        this.#ports,
        { senderId: this.#senderId, messageId },
        found,
        endingOf(reason, found.record),
      );
      if (settled !== undefined) this.#tally[reason] += 1; // else it has moved on
    } catch (cause) {
      this.#unpublished.add(messageId);
      this.#tally.fail(cause);
    }
  }

  async #republish(messageId: string): Promise<void> {
    const key = { senderId: this.#senderId, messageId };
    try {
      const stored = await this.#ports.store.read(key);
      if (stored === undefined || !isTerminal(stored.record.state)) return; // not settled: the pages show it
      await republish(this.#ports, key, stored.record, stored.record.state);
      this.#tally.republished += 1;
    } catch (cause) {
      this.#unpublished.add(messageId);
      this.#tally.fail(cause);
    }
  }

  /** If Pub/Sub cannot be asked, nothing counts as lost. */
  #oldestAtMs(lane: Priority): Promise<number | undefined> {
    const asked =
      this.#oldest.get(lane) ??
      this.#ports.backlog.oldestAtMs(this.#senderId, lane).catch((cause: unknown) => {
        this.#tally.cause ??= cause;
        return undefined;
      });
    this.#oldest.set(lane, asked);
    return asked;
  }

  async #save(after: string | undefined, unpublished: readonly string[]): Promise<void> {
    const progress: SweepProgress = { ...(after !== undefined && { afterMessageId: after }), unpublished };
    if (JSON.stringify(progress) === JSON.stringify(this.#saved)) return;
    await this.#ports.progress.save(this.#senderId, progress);
    this.#saved = progress;
  }
}
