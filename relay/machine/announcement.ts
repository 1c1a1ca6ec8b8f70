import { tokenOf } from '../model/message.ts';
import { ENDS_CONNECTIONS } from './delivery/suspicion.ts';
import { conflictEvent, deliveryEvent } from '../model/delivery-event.ts';
import type { Delivery } from './delivery/delivery.ts';
import type { LetterOf, RegistrationMark } from './turn/effect.ts';
import type { RegistrationEvent, RelayEvent } from '../model/event.ts';
import { deadTokenError, type Outcome } from '../model/outcome.ts';
import type { KeyedHash } from '../model/token-hash.ts';

// long enough for a back end that syncs its token table once a quarter
const REGISTRATION_RETENTION_MS = 365 * 24 * 60 * 60 * 1_000;

export interface Announcement {
  readonly events: readonly RelayEvent[];
  readonly registration: RegistrationMark | undefined;
  readonly letter: LetterOf | undefined;
}

/** What is published about a settled message: its event, what was learned of its token, and its dead letter. */
export function announcementOf(senderId: string, delivery: Delivery, outcome: Outcome, hash: KeyedHash): Announcement {
  const { messageId, attempts, message } = delivery;
  const { owner } = message;
  const { conflict: contentHash, canonicalToken, error, atMs } = outcome;
  const key = { senderId, messageId };
  const letter = letterOf(delivery, outcome);
  if (contentHash !== undefined)
    return { events: [conflictEvent(key, { contentHash, owner, atMs })], registration: undefined, letter };
  const owned = owner !== undefined && { owner };
  const settledEvent = deliveryEvent(key, { attempts, ...outcome, settledAtMs: atMs, ...owned });
  // an ordinary ack says nothing of its token
  const token = canonicalToken === undefined && error === undefined ? undefined : tokenOf(message);
  const learned = token === undefined ? undefined : learnedOf(token, outcome, hash);
  if (token === undefined || learned === undefined) return { events: [settledEvent], registration: undefined, letter };
  const event: RegistrationEvent = {
    id: `${senderId}/${messageId}/registration`,
    type: learned.type,
    senderId,
    timeMs: atMs,
    ...owned,
    data: { sender_id: senderId, message_id: messageId, registration_token: token, ...learned.data },
  };
  return { events: [settledEvent, event], registration: { tokenHash: hash(token), record: learned.record }, letter };
}

/**
 * The dead letter of a message that this worker gave up, or another one that died before it could write the letter. It
 * has to be written before the lease is acked, since the payload is in the queue only.
 */
function letterOf({ leases }: Delivery, { state, error, errorDescription = '' }: Outcome): LetterOf | undefined {
  const [lease] = leases;
  if (state !== 'dead' || error !== ENDS_CONNECTIONS || lease === undefined) return undefined;
  return { lease, reason: error, detail: errorDescription };
}

interface Learned {
  readonly type: RegistrationEvent['type'];
  readonly data: Pick<RegistrationEvent['data'], 'error' | 'canonical_registration_token'>;
  readonly record: RegistrationMark['record'];
}

function learnedOf(token: string, outcome: Outcome, hash: KeyedHash): Learned | undefined {
  const times = { atMs: outcome.atMs, expireAtMs: outcome.atMs + REGISTRATION_RETENTION_MS };
  const { canonicalToken } = outcome;
  if (canonicalToken !== undefined && canonicalToken !== token) {
    return {
      type: 'fcm.registration.replaced',
      data: { canonical_registration_token: canonicalToken },
      record: { state: 'replaced', replacedByHash: hash(canonicalToken), ...times },
    };
  }
  const error = deadTokenError(outcome);
  if (error === undefined) return undefined;
  const state = error === 'BAD_REGISTRATION' ? 'bad' : 'unregistered';
  return { type: 'fcm.registration.unregistered', data: { error }, record: { state, ...times } };
}
