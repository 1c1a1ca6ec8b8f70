import { waitingState, outcomeOf, type Delivery } from './delivery.ts';
import type { DeliveryState } from './delivery-table.ts';
import { endOf, saysSent } from './snapshot.ts';
import { settlingChange } from '../../model/outcome.ts';
import { isTerminal, type DeliveryRecord } from '../../model/record.ts';

/** `read`: whatever it says. `undefined`: nothing that it does not say already. */
type Wanted = DeliveryRecord | 'read' | undefined;

/** What the document should say of a delivery, by the delivery's state. */
export const WANTED: Readonly<Record<DeliveryState, (delivery: Delivery, nowMs: number) => Wanted>> = {
  held: nothing,
  reading: () => 'read',
  // if FCM does not have it, its claim for the next send may stand there already
  ready: (delivery, nowMs) => (delivery.maybeTaken ? stillWaiting(delivery, nowMs) : undefined),
  claiming: (delivery, nowMs) => mark(delivery, 'sent', nowMs),
  pending: (delivery, nowMs) => (showsOurSend(delivery) ? undefined : mark(delivery, 'sent', nowMs)),
  resting: (delivery, nowMs) => stillWaiting(delivery, nowMs),
  settling: (delivery) => settlingChange(outcomeOf(delivery), delivery.attempts),
  announcing: nothing,
  returning: (delivery, nowMs) => mark(delivery, waitingState(delivery), nowMs),
  gone: nothing,
};

/** The write that a state waits for, as opposed to one left over from the state before. */
const AWAITED: Readonly<Partial<Record<DeliveryState, (delivery: Delivery, written: DeliveryRecord) => boolean>>> = {
  claiming: (delivery, written) => saysSent(written) && isUpToDate(delivery, written),
  returning: (delivery, written) => written.state === waitingState(delivery) && isUpToDate(delivery, written),
  settling: (_delivery, written) => isTerminal(written.state),
};

export const isAwaited = (delivery: Delivery, written: DeliveryRecord): boolean =>
  AWAITED[delivery.state]?.(delivery, written) === true;

function nothing(): undefined {
  return undefined;
}

const mark = (
  { attempts, lastError: error }: Delivery,
  state: 'queued' | 'sent',
  updatedAtMs: number,
): DeliveryRecord => ({ state, attempts, error, updatedAtMs });

const isUpToDate = ({ attempts, lastError }: Delivery, record: DeliveryRecord): boolean =>
  record.attempts === attempts && record.error === lastError;

/**
 * A message that was sent from here and waits: a cancel must be able to see whether FCM may have it. Whose mark says so
 * does not matter: two workers that wait must not go on marking against each other.
 */
function stillWaiting(delivery: Delivery, nowMs: number): DeliveryRecord | undefined {
  const state = waitingState(delivery);
  return delivery.sentAtMs === 0 || shows(delivery, state) ? undefined : mark(delivery, state, nowMs);
}

function shows({ document }: Delivery, state: 'queued' | 'sent'): boolean {
  const { record, isStale } = document;
  if (isStale || record === undefined) return false;
  return isTerminal(record.state) || (record.state === state && record.attempts > 0);
}

/** Our own mark, or an end. Another worker's mark does not speak for our send. */
const showsOurSend = ({ document }: Delivery): boolean =>
  !document.isStale && (document.isOurMark || endOf(document.record) !== undefined);
