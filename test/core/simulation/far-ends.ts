import type { RelayEvent } from '../../../relay/core/event.ts';
import type { StoredMessage, Version } from '../../../relay/core/ports.ts';
import { isTerminal, type MessageRecord, type RecordChange } from '../../../relay/core/record.ts';
import type { QueuedMessage } from '../../../relay/protocol/queued.ts';

/** Firestore: documents with versions. Remembers when each settled, and whether one ever changed afterwards. */
export class Documents {
  readonly #documents = new Map<string, StoredMessage>();
  readonly settledAtMs = new Map<string, number>();
  readonly violations: string[] = [];
  #version = 0;

  read(id: string): StoredMessage | undefined {
    return this.#documents.get(id);
  }

  create(id: string, record: MessageRecord, nowMs: number): Version | undefined {
    return this.#documents.has(id) ? undefined : this.#put(id, record, nowMs);
  }

  update(id: string, version: Version, change: RecordChange, nowMs: number): Version | undefined {
    const stored = this.#documents.get(id);
    if (stored?.version !== version) return undefined;
    if (isTerminal(stored.record.state)) this.violations.push(`${id}: a settled document was changed`);
    const fields = Object.fromEntries(Object.entries({ ...stored.record, ...change }).filter(([, value]) => value !== undefined));
    return this.#put(id, fields as unknown as MessageRecord, nowMs);
  }

  #put(id: string, record: MessageRecord, nowMs: number): Version {
    const version = String(++this.#version) as Version;
    this.#documents.set(id, { record, version });
    if (isTerminal(record.state) && !this.settledAtMs.has(id)) this.settledAtMs.set(id, nowMs);
    return version;
  }
}

export interface QueueEntry {
  readonly queued: QueuedMessage;
  attempts: number;
  leasedUntilMs: number;
  /** Not before: the retry policy. */
  availableAtMs: number;
  acked: boolean;
}

/** Pub/Sub's two lanes in one list: leases that end, a retry policy, and now and then a repeat. */
export class Queue {
  readonly entries: QueueEntry[] = [];

  add(queued: QueuedMessage): void {
    this.entries.push({ queued, attempts: 0, leasedUntilMs: 0, availableAtMs: 0, acked: false });
  }

  get isEmpty(): boolean {
    return this.entries.every(({ acked }) => acked);
  }

  take(nowMs: number, leaseMs: number): QueueEntry | undefined {
    const entry = this.entries.find(({ acked, leasedUntilMs, availableAtMs }) => !acked && leasedUntilMs <= nowMs && availableAtMs <= nowMs);
    if (entry === undefined) return undefined;
    entry.attempts++;
    entry.leasedUntilMs = nowMs + leaseMs;
    return entry;
  }

  giveBack(entry: QueueEntry, nowMs: number): void {
    entry.leasedUntilMs = 0;
    entry.availableAtMs = nowMs + Math.min(600_000, 10_000 * 2 ** Math.min(entry.attempts - 1, 6));
  }
}

/** Everything that was published. */
export class Events {
  readonly all: RelayEvent[] = [];

  of(type: string): RelayEvent[] {
    return this.all.filter((event) => event.type === type);
  }
}
