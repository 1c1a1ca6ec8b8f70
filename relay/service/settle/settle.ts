import { deliveryEvent } from '../../model/delivery-event.ts';
import type { EventPublisher, MessageKey, MessageStore, StoredMessage } from '../../model/ports.ts';
import type { MessageRecord, TerminalState } from '../../model/record.ts';

/** Settles messages that no worker holds: cancelled, expired or dead. */
export interface SettlePorts {
  readonly store: MessageStore;
  readonly events: EventPublisher;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Ending {
  readonly state: TerminalState;
  readonly error?: string;
  readonly errorDescription?: string;
}

/**
 * `undefined`: another write came first and nothing was settled. Rejects when a port does; the message may then be
 * settled and its event unpublished.
 */
export async function settle(
  ports: SettlePorts,
  key: MessageKey,
  stored: StoredMessage,
  ending: Ending,
): Promise<MessageRecord | undefined> {
  const nowMs = ports.now();
  const change = { ...ending, settledAtMs: nowMs, updatedAtMs: nowMs };
  const { outcome } = await ports.store.update(key, stored.version, change);
  if (outcome === 'conflict') return undefined;
  const settled = { ...stored.record, ...change };
  await ports.events.publish(deliveryEvent(key, settled));
  return settled;
}

/**
 * Publishes a settled message's event again: its publisher may have died before publishing. The event has the same
 * id every time.
 */
export async function republish(
  { events }: Pick<SettlePorts, 'events'>,
  key: MessageKey,
  record: MessageRecord,
  state: TerminalState,
): Promise<void> {
  await events.publish(deliveryEvent(key, { ...record, state, settledAtMs: record.settledAtMs ?? record.updatedAtMs }));
}
