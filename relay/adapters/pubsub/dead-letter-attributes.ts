import type { DeadLetter } from '../../model/ports.ts';
import { attributeId, attributeText } from './attribute.ts';
import { cutUtf8 } from './cut-utf8.ts';

/**
 * The attributes of a letter the relay writes: its statement (`reason`, `detail`, `origin`, `message_id`, `sender_id`),
 * the message's own attributes as `original.<name>`, and `mac` over all of these and the payload (`signedBytes`). A
 * letter Pub/Sub forwards has none of these but the queue's:
 * https://cloud.google.com/pubsub/docs/dead-letter-topics
 */
export type Attributes = Readonly<Record<string, string>>;

const ORIGINAL = 'original.';
const MAX_NAME_BYTES = 256; // Pub/Sub's limit, like the following ones
const MAX_ATTRIBUTES = 100;
const OURS = 7; // including `mac` and `original_omitted`
const MAX_MESSAGE_BYTES = 10_000_000; // data and attributes together
const ENVELOPE_BYTES = 300; // attribute names, topic, mac, framing

/** All but the `mac`. A payload near the limit leaves less room, first for `original.*`, then for `detail`. */
export function letterAttributes({
  payload,
  reason,
  detail,
  origin,
  messageId,
  senderId,
  attributes = {},
}: DeadLetter): Attributes {
  const stated = {
    reason: attributeText(reason),
    origin: attributeText(origin),
    ...(messageId === undefined ? {} : { message_id: attributeId(messageId) }),
    ...(senderId === undefined ? {} : { sender_id: attributeText(senderId) }),
  };
  const room = MAX_MESSAGE_BYTES - ENVELOPE_BYTES - payload.length - bytesOf(stated);
  const originals = originalsWithin(attributes, room);
  return { ...stated, detail: cutUtf8(attributeText(detail), Math.max(0, room - bytesOf(originals))), ...originals };
}

const bytesOf = (attributes: Attributes): number =>
  Object.entries(attributes)
    .flat()
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** Attributes that do not fit are counted in `original_omitted`: Pub/Sub would refuse the letter otherwise. */
function originalsWithin(attributes: Attributes, room: number): Attributes {
  const kept: Record<string, string> = {};
  let [left, omitted] = [room, 0];
  for (const [name, value] of Object.entries(attributes)) {
    const named = `${ORIGINAL}${name}`;
    const bytes = bytesOf({ [named]: value });
    const isFull = bytes > left || Object.keys(kept).length === MAX_ATTRIBUTES - OURS;
    if (isFull || Buffer.byteLength(named) > MAX_NAME_BYTES) omitted += 1;
    else {
      kept[named] = value;
      left -= bytes;
    }
  }
  return omitted === 0 ? kept : { ...kept, original_omitted: String(omitted) };
}

/** The message's own attributes; `undefined` on a letter that has none, such as those of earlier versions. */
export function originalAttributes(attributes: Attributes): Attributes | undefined {
  const originals = Object.entries(attributes).filter(([name]) => name.startsWith(ORIGINAL));
  if (originals.length === 0) return undefined;
  return Object.fromEntries(originals.map(([name, value]) => [name.slice(ORIGINAL.length), value]));
}

const STATED: ReadonlySet<string> = new Set([
  'reason',
  'detail',
  'origin',
  'message_id',
  'sender_id',
  'original_omitted',
]);

/** The input of a letter's `mac`. Attributes added in transit (Pub/Sub does) are not part of it. */
export function signedBytes(attributes: Attributes, payload: Uint8Array): Buffer {
  const ours = Object.entries(attributes)
    .filter(([name]) => STATED.has(name) || name.startsWith(ORIGINAL))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([Buffer.from(`${JSON.stringify(ours)}\n`), payload]);
}
