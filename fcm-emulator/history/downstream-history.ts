import { Ring } from '../collections/ring.ts';

/** A downstream message as received. `answer`: `ack`, a nack code, `stanza error`, or `none`. */
export interface MessageRecord {
  readonly messageId: string;
  readonly connection: string;
  readonly at: number;
  readonly json: string;
  readonly answer: string;
}

export interface DownstreamCounters {
  received: number;
  acked: number;
  accepted: number;
  stanzaErrors: number;
  unanswered: number;
  pastPendingLimit: number; // received while the connection was at its limit
  whileDraining: number;
  nacked: Record<string, number>;
}

const zero = (): DownstreamCounters => ({
  received: 0,
  acked: 0,
  accepted: 0,
  stanzaErrors: 0,
  unanswered: 0,
  pastPendingLimit: 0,
  whileDraining: 0,
  nacked: {},
});

/** Downstream messages: the counters cover all of them, the records the last `limit`. */
export class DownstreamHistory {
  readonly #records: Ring<MessageRecord>;
  counters = zero();

  constructor(limit: number) {
    this.#records = new Ring(limit);
  }

  record(record: MessageRecord): void {
    this.#records.add(record);
    this.counters.received += 1;
    switch (record.answer) {
      case 'ack':
        this.counters.acked += 1;
        return;
      case 'none':
        this.counters.unanswered += 1;
        return;
      case 'stanza error':
        this.counters.stanzaErrors += 1;
        return;
      default:
        this.counters.nacked[record.answer] = (this.counters.nacked[record.answer] ?? 0) + 1;
    }
  }

  list(
    filter: { readonly messageId?: string | undefined; readonly connection?: string | undefined } = {},
  ): MessageRecord[] {
    return [...this.#records].filter(
      ({ messageId, connection }) =>
        (filter.messageId ?? messageId) === messageId && (filter.connection ?? connection) === connection,
    );
  }

  /** How often each message id was received, and how often acked. */
  counts(): Record<string, { received: number; acked: number }> {
    const counts = new Map<string, { received: number; acked: number }>();
    for (const { messageId, answer } of this.#records) {
      const count = counts.get(messageId) ?? { received: 0, acked: 0 };
      count.received += 1;
      if (answer === 'ack') count.acked += 1;
      counts.set(messageId, count);
    }
    return Object.fromEntries(counts);
  }

  clear(): void {
    this.#records.clear();
    this.counters = zero();
  }
}
