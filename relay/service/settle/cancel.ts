import { settle, republish, type SettlePorts } from './settle.ts';
import type { MessageKey, StoredMessage } from '../../model/ports.ts';
import type { MessageRecord } from '../../model/record.ts';
import { CANCEL_WAIT_MS } from '../../model/timing.ts';

/**
 * A DELETE, exact: what it answers `cancelled` was never sent and never will be (timing.ts says why). First the request
 * to cancel is put into the document, which stops every worker that reads it from then on; then it waits for those that
 * had read it before; then the message is settled, if nothing has happened to it. If this process dies in between, the
 * worker or the sweep settles the message when it comes to it.
 */
export interface CancelPorts extends SettlePorts {
  readonly wait: (ms: number) => Promise<void>;
}

export type Cancellation =
  | { readonly outcome: 'cancelled'; readonly record: MessageRecord }
  | { readonly outcome: 'tooLate'; readonly record: MessageRecord }
  | { readonly outcome: 'notFound' }
  /** The document kept changing under us. To be repeated. */
  | { readonly outcome: 'unsettled' };

/**
 * A round is lost to a write that changes the state, or to a repeat of the request: more than two in a row are hardly
 * possible.
 */
const MAX_ROUNDS = 8;

/** Rejects when a port does; to be repeated then: the request to cancel may stand already, and is honoured. */
export async function cancel(ports: CancelPorts, key: MessageKey): Promise<Cancellation> {
  let waitedOnMs: number | undefined; // which request to cancel stood there while we waited
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

/** Whether it was written is seen in the next round, in what stands there then. */
async function requestCancel({ store, now }: CancelPorts, key: MessageKey, { version }: StoredMessage): Promise<void> {
  const nowMs = now();
  await store.update(key, version, { cancelRequestedAtMs: nowMs, updatedAtMs: nowMs });
}

async function outcomeOf(ports: CancelPorts, key: MessageKey, record: MessageRecord): Promise<Cancellation> {
  if (record.state !== 'cancelled') return { outcome: 'tooLate', record };
  await republish(ports, key, record, record.state);
  return { outcome: 'cancelled', record };
}
