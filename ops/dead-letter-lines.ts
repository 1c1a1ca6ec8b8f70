import type { KeptLetter } from '../relay/adapters/pubsub/dead-letter-keep.ts';
import type { ReplayPlan, LeftReason } from '../relay/service/dead-letters/replay.ts';

/** What the command prints. Attributes may contain anything: control characters are replaced. */
const clean = (text: string): string => text.replace(/\p{Cc}/gu, '?');
const UNKNOWN = '-';

/** 45 s, 12 min, 5 h, 3 d. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

const columns = (
  letter: string,
  messageId: string,
  sender: string,
  reason: string,
  since: string,
  bytes: string,
): string =>
  [
    letter.padEnd(18),
    messageId.padEnd(36),
    sender.padEnd(13),
    reason.padEnd(21),
    since.padStart(6),
    bytes.padStart(9),
  ].join('  ');

export const LIST_HEAD = columns('letter', 'message_id', 'sender', 'reason', 'age', 'bytes');

export const listLine = (
  { id, messageId, senderId, reason, publishedAtMs, payload }: KeptLetter,
  nowMs: number,
): string =>
  columns(
    id,
    clean(messageId ?? UNKNOWN),
    clean(senderId ?? UNKNOWN),
    clean(reason),
    age(nowMs - publishedAtMs),
    String(payload.byteLength),
  );

/** Whose signature a letter carries. */
function signedText({ signedBy: { relay, queue } }: KeptLetter): string {
  if (relay) return 'by the relay';
  return queue ? 'by the relay, when it was queued' : 'no: its publisher could write anything';
}

export function letterText(letter: KeptLetter, nowMs: number, withPayload: boolean): string {
  const { id, messageId, senderId, reason, detail, origin, publishedAtMs, payload, attributes = {} } = letter;
  const lines = [
    ['letter', id],
    ['message_id', messageId ?? UNKNOWN],
    ['sender', senderId ?? UNKNOWN],
    ['reason', reason],
    ['detail', detail],
    ['origin', origin],
    ['since', `${new Date(publishedAtMs).toISOString()} (${age(nowMs - publishedAtMs)})`],
    ['bytes', String(payload.byteLength)],
    ['attributes', Object.keys(attributes).join(', ') || UNKNOWN],
    ['signed', signedText(letter)],
  ];
  const head = lines.map(([name = '', value = '']) => `${name.padEnd(12)}${clean(value)}\n`).join('');
  if (!withPayload) return head;
  const came = Object.entries(attributes).map(
    ([name, value]) => `${'attribute'.padEnd(12)}${clean(`${name}=${value}`)}\n`,
  );
  return `${head}${came.join('')}${'payload'.padEnd(12)}${payloadText(payload)}\n`;
}

/** As text, or in base64 if it is not UTF-8 or has control characters. */
function payloadText(payload: Uint8Array): string {
  const bytes = Buffer.from(payload);
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) && !/[^\P{Cc}\t\n\r]/u.test(text)
    ? text
    : `base64 ${bytes.toString('base64')}`;
}

/** One line about what was done to a letter, or would be. */
export const outcomeLine = (word: string, { id, messageId, reason }: KeptLetter, why: string): string =>
  `${word.padEnd(15)}${id.padEnd(18)}  ${clean(messageId ?? reason)}  ${why}`;

/** What a replay will do, and why. */
export function planText(plan: ReplayPlan): string {
  switch (plan.action) {
    case 'queue':
      return `to its lane, ${plan.queued.message.priority}${plan.opening ? '' : '; its document is open'}`;
    case 'request':
      return 'as a request: it is not a message of the queue';
    case 'finish':
      return `it was replayed before and is ${plan.state} now: only the letter is removed`;
    case 'leave':
      return LEFT[plan.why](plan.state ?? UNKNOWN);
  }
}

const LEFT: Readonly<Record<LeftReason, (state: string) => string>> = {
  expired: () => 'it has expired: --new-ttl SECONDS gives it a new time to live',
  tooOld: () => 'accepted too long ago for that time to live: send it again under another id',
  notDead: (state) => `its document is "${state}", not "dead": there is nothing to replay`,
  strangers: () =>
    'neither queued nor written by the relay: inspect it (show --payload); --force submits it as a request',
  maybeTaken: () => 'FCM may have received it: --force replays it, and the user may see it twice',
  notSigned: () =>
    'the relay did not queue this message: drop it, or set TOKEN_HASH_KEY_PREVIOUS if the key was changed',
  otherMessage: () => 'its id belongs to another message now: drop it, or send it again under another id',
  newer: () => 'a newer version of the relay queued it: replay it with that version',
  empty: () => 'it has neither data nor attributes: there is nothing to replay, drop it',
};
