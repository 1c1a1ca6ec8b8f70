import { settle, republish, type SettlePorts } from './settle.ts';
import type { MessageKey, StoredMessage } from '../../model/ports.ts';
import type { MessageRecord } from '../../model/record.ts';
import { CANCEL_WAIT_MS } from '../../model/timing.ts';

/**
 * An exact DELETE: a message answered `cancelled` was never sent and never will be
 * (relay/machine/delivery/document.ts explains). It writes the cancel request into the document, which stops every
 * worker that reads it from then on; waits for those that read before; then settles the message if nothing has changed.
 * If this process dies in between, the worker or the sweep settles the message.
 */
export interface CancelPorts extends SettlePorts {
  readonly wait: (ms: number) => Promise<void>;
}

export type Cancellation =
  | { readonly outcome: 'cancelled'; readonly record: MessageRecord }
  | { readonly outcome: 'tooLate'; readonly record: MessageRecord }
  | { readonly outcome: 'notFound' }
  /** The document kept changing. To be retried. */
  | { readonly outcome: 'unsettled' };

/** A round is lost to a change of state, or to a repeated request. More than two in a row are unlikely. */
const MAX_ROUNDS = 8;

/** Rejects when a port does. To be retried: the cancel request may already be written, and is honoured. */
export async function cancel(ports: CancelPorts, key: MessageKey): Promise<Cancellation> {
  let waitedOnMs: number | undefined; // the cancel request that stood there while we waited
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const stored = await ports.store.read(key);
    if (stored === undefined) return { outcome: 'notFound' };
    const { record } = stored;
    if (record.state !== 'queued') return await outcomeOf(ports, key, record);
    if (record.cancelRequestedAtMs === undefined) {
      await requestCancel(ports, key, stored);
    } else if (record.cancelRequestedAtMs !== waitedOnMs) {
      await ports.wait(CANCEL_WAIT_MS);
      waitedOnMs = record.cancelRequestedAtMs;
    } else {
      const settled = await settle(ports, key, stored, { state: 'cancelled' });
      if (settled !== undefined) return { outcome: 'cancelled', record: settled };
    }
  }
  return { outcome: 'unsettled' };
}

/** The next round reads whether it was written. */
async function requestCancel({ store, now }: CancelPorts, key: MessageKey, { version }: StoredMessage): Promise<void> {
  const nowMs = now();
  await store.update(key, version, { cancelRequestedAtMs: nowMs, updatedAtMs: nowMs });
}

async function outcomeOf(ports: CancelPorts, key: MessageKey, record: MessageRecord): Promise<Cancellation> {
  if (record.state !== 'cancelled') return { outcome: 'tooLate', record };
  await republish(ports, key, record, record.state);
  return { outcome: 'cancelled', record };
}
