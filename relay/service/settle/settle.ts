import { deliveryEvent } from '../../model/delivery-event.ts';
import type { EventPublisher, MessageKey, MessageStore, StoredMessage } from '../../model/ports.ts';
import type { MessageRecord, TerminalState } from '../../model/record.ts';

/** Settling what no worker holds: a cancelled message, an expired one, a dead one. */
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
 * `undefined`: another write came first, and nothing was settled. Rejects when a port does; the message may be settled
 * then, unpublished.
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
 * Tells again how a message ended. For a repeat that finds it settled: whoever settled it may have died before it could
 * tell, and the event has the same id each time.
 */
export async function republish(
  { events }: Pick<SettlePorts, 'events'>,
  key: MessageKey,
  record: MessageRecord,
  state: TerminalState,
): Promise<void> {
  await events.publish(deliveryEvent(key, { ...record, state, settledAtMs: record.settledAtMs ?? record.updatedAtMs }));
}
