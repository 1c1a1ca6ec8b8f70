import { recordedOutcome, type Outcome } from '../../model/outcome.ts';
import type { Version } from '../../model/ports.ts';
import { isTerminal, type DeliveryRecord } from '../../model/record.ts';

/** What the store said of a document last, or what we wrote to it. Without `record` there is no document. */
export interface Snapshot {
  readonly record: DeliveryRecord | undefined;
  readonly version: Version | undefined;
}

/** FCM may have the message. */
export const saysSent = (record: DeliveryRecord | undefined): record is DeliveryRecord & { state: 'sent' } =>
  record?.state === 'sent';

/** FCM does not have it: every send was refused, or there was none. */
export const saysQueued = (record: DeliveryRecord | undefined): record is DeliveryRecord & { state: 'queued' } =>
  record?.state === 'queued';

/** No send has left a trace yet: one that was just made will show a little later. */
export const saysUnsent = (record: DeliveryRecord | undefined): boolean =>
  record === undefined || (saysQueued(record) && record.attempts === 0);

/** How the message ended, if the document says so. True for good, however old the snapshot: an end never changes. */
export const endOf = (record: DeliveryRecord | undefined): Outcome | undefined =>
  record !== undefined && isTerminal(record.state) ? recordedOutcome(record, record.state) : undefined;
