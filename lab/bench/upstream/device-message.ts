import type { UpstreamInput } from '../../../fcm-emulator/client.ts';
import { messageOf } from '../load-job.ts';
import { SENDER } from '../sender.ts';

const CATEGORY = 'com.example.bench';
const ID = '0123456789abcdef'.repeat(4); // as long as the relay's hash; not computed here

/** The n-th upstream message. */
export function deviceMessage(n: number) {
  const { message_id: messageId, to: from, data } = messageOf(n);
  return { messageId, from, category: CATEGORY, data } satisfies UpstreamInput;
}

/** Its event, as the relay publishes it. */
export function eventOf(
  n: number,
  nowMs: number,
): { readonly data: Buffer; readonly attributes: Readonly<Record<string, string>> } {
  const { messageId, from, category, data } = deviceMessage(n);
  const time = new Date(nowMs).toISOString();
  return {
    data: Buffer.from(
      JSON.stringify({ sender_id: SENDER.id, message_id: messageId, from, category, data, received_at: time }),
    ),
    attributes: {
      'ce-specversion': '1.0',
      'ce-id': `${SENDER.id}/${`${ID}${n}`.slice(-ID.length)}`,
      'ce-type': 'fcm.upstream.received',
      'ce-source': `//fcm-relay/senders/${SENDER.id}`,
      'ce-time': time,
      'content-type': 'application/json',
    },
  };
}
