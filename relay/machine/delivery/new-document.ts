import type { Delivery } from './delivery.ts';
import { documentOf } from '../../model/message.ts';
import { isOwner } from '../../model/owner.ts';
import type { DeliveryRecord, MessageRecord } from '../../model/record.ts';
import type { Shared } from '../turn/shared.ts';

/** The owner of a document that the worker makes, where the queue names none. */
const NO_OWNER = 'system:queue';

/** The whole document of a message that was queued without one, with this as its first entry. */
export function newDocument({ message }: Delivery, change: DeliveryRecord, { hash, turn }: Shared): MessageRecord {
  const { acceptedAtMs, owner } = message;
  const making = { hash, now: () => acceptedAtMs, random: () => turn.random() };
  const blank = documentOf(making, message, owner !== undefined && isOwner(owner) ? owner : NO_OWNER);
  // unlike a change, it has no field that is `undefined`
  return Object.fromEntries(
    Object.entries({ ...blank, ...change }).filter(([, value]) => value !== undefined),
  ) as unknown as MessageRecord;
}
