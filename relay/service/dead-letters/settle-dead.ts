import { isContentOf } from '../../model/content-hash.ts';
import { decodeQueued } from '../../protocol/queue/queued.ts';
import { keyOf } from '../../model/new-record.ts';
import { settle, republish, type SettlePorts } from '../settle/settle.ts';
import type { ReceivedDeadLetter, MessageKey } from '../../model/ports.ts';
import { isTerminal, type MessageRecord } from '../../model/record.ts';
import type { Hashes } from '../../model/token-hash.ts';

export type PublishedDeadLetter = ReceivedDeadLetter & {
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAtMs: number;
};

export interface SettleDeadPorts extends SettlePorts, Hashes {
  readonly senders: readonly string[];
}

/**
 * - `settled`: the message is now `dead`, or `unknown` if a send may have reached FCM (guarantee 9).
 * - `repeated`: it already was; its event is published again.
 * - `left`: it had ended otherwise.
 * - `replayed`: an operator has replayed this letter, and the message lives again.
 * - `noMessage`: there is no message to settle. The subscription keeps the letter for replay.
 * - `notSigned`: an unsigned letter ends nothing; an operator should look at it.
 */
export type DeadLetterOutcome = 'settled' | 'repeated' | 'left' | 'replayed' | 'noMessage' | 'notSigned';

/**
 * The reasons that end a message, as its document and event word them; never a letter's own words. Other reasons end
 * none: the request was refused on arrival (REQUEST_REASONS) or was not ours (QUEUE_NOT_SIGNED), and a message under
 * its id is another one.
 */
const ENDING: Readonly<Record<string, string>> = {
  MAX_DELIVERY_ATTEMPTS: 'Pub/Sub gave up after too many delivery attempts',
  INVALID_MESSAGE: 'the queue message was unusable; its dead letter says why',
};

const MAX_ROUNDS = 8; // each is lost to a write by a worker that still holds the message

/** Rejects when the letter should be redelivered. */
export async function settleDead(ports: SettleDeadPorts, dead: PublishedDeadLetter): Promise<DeadLetterOutcome> {
  const claim = claimOf(ports, dead);
  if (claim === undefined) return 'notSigned';
  const errorDescription = Object.hasOwn(ENDING, dead.reason) ? ENDING[dead.reason] : undefined;
  const { key, isMeant } = claim;
  if (key === undefined || errorDescription === undefined || !ports.senders.includes(key.senderId)) return 'noMessage';
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const stored = await ports.store.read(key);
    if (stored === undefined) return 'noMessage';
    const { record } = stored;
    const meant = isMeant(record);
    if (meant !== 'yes') return meant;
    if (record.state === 'dead' || (record.state === 'unknown' && record.error === dead.reason)) {
      await republish(ports, key, record, record.state);
      return 'repeated';
    }
    if (isTerminal(record.state)) return 'left';
    if (record.replayedToMs !== undefined && dead.publishedAtMs <= record.replayedToMs) return 'replayed';
    if (
      await settle(ports, key, stored, {
        state: record.state === 'sent' ? 'unknown' : 'dead',
        error: dead.reason,
        errorDescription,
      })
    )
      return 'settled';
  }
  throw new Error('the message kept changing');
}

/** Which message a letter names, and whether a document belongs to it. */
interface Claim {
  readonly key: MessageKey | undefined;
  readonly isMeant: (record: MessageRecord) => 'yes' | 'noMessage' | 'notSigned';
}

/**
 * | the letter | the message that it ends |
 * |---|---|
 * | ours, signed | the one that it names |
 * | Pub/Sub's, of an envelope that we signed | the one in the envelope, if the document has its content |
 * | Pub/Sub's, of an envelope of version 1 | the same; but only a document with that content proves it is ours |
 * | any other | none: `undefined` |
 */
function claimOf(hashes: Hashes, { signedBy, payload, messageId, senderId }: PublishedDeadLetter): Claim | undefined {
  if (signedBy.relay) {
    const key = messageId === undefined || senderId === undefined ? undefined : { senderId, messageId };
    return { key, isMeant: () => 'yes' };
  }
  const queued = decodeQueued(payload);
  if (!queued.ok) return undefined;
  const { version, value } = queued;
  if (!signedBy.queue && version !== 1) return undefined;
  const otherwise = signedBy.queue ? 'noMessage' : 'notSigned';
  const unknown = signedBy.queue ? 'yes' : 'notSigned';
  return {
    key: keyOf(value),
    isMeant: ({ contentHash }) => {
      if (contentHash === undefined) return unknown;
      return isContentOf(hashes, value, contentHash) ? 'yes' : otherwise;
    },
  };
}
