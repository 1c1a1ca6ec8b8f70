import type { UpstreamBody } from '../stanzas/server-frame.ts';

/** An upstream message (or receipt) and what has happened to it. */
export interface UpstreamMessage {
  readonly sender: string;
  readonly from: string;
  readonly messageId: string;
  readonly body: UpstreamBody;
  readonly createdAt: number;
  readonly expiresAt: number;
  state: 'waiting' | 'sent' | 'acked' | 'expired';
  readonly sends: { readonly connection: string; readonly at: number }[];
  ackedOn: string | undefined;
  readonly foreignAcks: string[];
}

export function newUpstreamMessage(
  sender: string,
  body: UpstreamBody,
  { createdAt, ttlSeconds }: { readonly createdAt: number; readonly ttlSeconds: number },
): UpstreamMessage {
  return {
    sender,
    from: body.from,
    messageId: body.message_id,
    body,
    createdAt,
    expiresAt: createdAt + ttlSeconds * 1_000,
    state: 'waiting',
    sends: [],
    ackedOn: undefined,
    foreignAcks: [],
  };
}

/** Acks name a message by these two. */
export const keyOf = (from: string, messageId: string): string => `${from}\n${messageId}`;
