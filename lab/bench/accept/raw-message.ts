import { Timestamp } from '@google-cloud/firestore';
import { messageOf } from '../load-job.ts';
import { SENDER } from '../sender.ts';

const HASH = '0123456789abcdef'.repeat(4); // as long as a SHA-256 in hex; not computed here
const KEPT_MS = 30 * 86_400_000;
const MILLI = 1_000;

/** The document of the n-th message, with every field that the relay writes. */
export function documentOf(n: number, nowMs: number): Record<string, unknown> {
  const { priority, time_to_live: ttlSeconds } = messageOf(n);
  return {
    state: 'queued',
    target: { kind: 'token', hash: HASH },
    priority,
    time_to_live: ttlSeconds,
    attempts: 0,
    owner: 'key:bench',
    content_hash: HASH,
    created_at: Timestamp.fromMillis(nowMs),
    updated_at: Timestamp.fromMillis(nowMs),
    expire_at: Timestamp.fromMillis(nowMs + ttlSeconds * MILLI + KEPT_MS),
  };
}

export interface Queued {
  readonly data: Buffer;
  readonly attributes: { readonly message_id: string; readonly v: string; readonly mac: string };
}

const LATER = { owner: 'bench', format: 'legacy', record: 'full', tags: [] };
const MAC = 'a'.repeat(43); // as long as a SHA-256 in base64url; not computed here

/** Its queue message, byte by byte. */
export function queuedOf(n: number, nowMs: number): Queued {
  const message = messageOf(n);
  return {
    data: Buffer.from(JSON.stringify({ v: 2, sender_id: SENDER.id, accepted_at: nowMs, ...LATER, message })),
    attributes: { message_id: message.message_id, v: '2', mac: MAC },
  };
}
